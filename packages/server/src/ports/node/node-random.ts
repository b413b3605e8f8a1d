import { randomBytes } from 'node:crypto';
import type { Random } from '../clock.js';

/** What nobody can foresee, since keys are drawn with it. */
export const nodeRandom: Random = () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48;
