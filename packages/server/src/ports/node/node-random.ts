import { randomBytes } from 'node:crypto';
import type { Random } from '../clock.js';

/** Returns unpredictable numbers, because the server generates secret keys from them. */
export const nodeRandom: Random = () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48;
