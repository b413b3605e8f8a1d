// The keys of the configuration, with a schema and a default value for each.
import type { StandardSchema } from '@nodekeeper/client';

export const path = '/examples/configuration';

/** Returns a schema. With a library such as Zod it would be z.string() and z.number().min(100). */
function schema<Value>(expected: string, accepts: (value: unknown) => boolean): StandardSchema<Value> {
  const validate = (value: unknown) =>
    accepts(value) ? { value: value as Value } : { issues: [{ message: `must be ${expected}` }] };
  return { '~standard': { version: 1, vendor: 'example', validate } };
}

export const keys = {
  greeting: { schema: schema<string>('text', (value) => typeof value === 'string'), default: 'hello' },
  intervalMs: { schema: schema<number>('a number, at least 100', (value) => Number(value) >= 100), default: 1000 },
};
