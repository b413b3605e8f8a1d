import { ZooKeeperError, type ZooKeeperErrorCode } from '@nodekeeper/client';

const brand = Symbol.for('nodekeeper.RecipeError');

/** The codes that only recipes use, and the text of each. */
const meanings = {
  TIMEOUT: 'not done in time',
  NOT_HELD: 'it is not held, or it was released already',
  LOST: 'it was lost',
  IN_DOUBT: 'it may be lost',
  DEADLOCK: 'it would wait for itself',
  TASK_FAILED: 'the task failed',
  CLOCK_BACK: 'the clock went back',
  BAD_NODE: 'a node has an unexpected name or content',
} as const;

/** A code of a `RecipeError`: one of the recipes' own, or the code of the `ZooKeeperError` that is the cause. */
export type RecipeErrorCode = keyof typeof meanings | ZooKeeperErrorCode;

/** Where an error happened: the name of the recipe, such as `Lock`, and its path. */
export interface Place {
  readonly recipe: string;
  readonly path: string;
}

/** The error of every recipe. `code` says what happened, `recipe` and `path` say where. */
export class RecipeError extends Error {
  readonly code: RecipeErrorCode;
  /** The name of the class, such as `Lock`. */
  readonly recipe: string;
  /** The path that the program gave to the recipe. */
  readonly path: string;

  constructor(code: RecipeErrorCode, { recipe, path }: Place, detail?: string, cause?: unknown) {
    const what = detail ?? (meanings as Record<string, string>)[code] ?? code;
    super(`${recipe} ${path}: ${what} (${code})`, cause === undefined ? {} : { cause });
    this.code = code;
    this.recipe = recipe;
    this.path = path;
  }

  override get name(): string {
    return 'RecipeError';
  }

  /** @internal Marks the errors of every copy of this package, for `is`. */
  get [brand](): true {
    return true;
  }

  /** True if `error` is a `RecipeError` of any copy of this package, and has this code if one is given. */
  static is(error: unknown, code?: RecipeErrorCode): error is RecipeError {
    const isOne = typeof error === 'object' && error !== null && brand in error;
    return isOne && (code === undefined || (error as RecipeError).code === code);
  }
}

/** Returns the error that a caller of a recipe gets for an error of the client. Other errors stay as they are. */
export function recipeError(error: unknown, place: Place): unknown {
  if (!ZooKeeperError.is(error)) return error;
  return new RecipeError(error.code, place, error.message.replace(/ \([A-Z_]+[^()]*\)$/, ''), error);
}
