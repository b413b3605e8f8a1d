import type { TestContext } from 'node:test';

/** Collects the errors that recipes throw from `process.nextTick`. Otherwise they would end the process. */
export function caughtLater(context: TestContext): unknown[] {
  const errors: unknown[] = [];
  const { nextTick } = process;
  context.mock.method(process, 'nextTick', (work: (...values: unknown[]) => void, ...values: unknown[]) =>
    nextTick(() => {
      try {
        work(...values);
      } catch (error) {
        errors.push(error);
      }
    }),
  );
  return errors;
}
