import { randomBytes } from 'node:crypto';
import type { Random } from '../clock.js';

/** Unpredictable, because secret keys are generated from it. */
export const nodeRandom: Random = () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48;
