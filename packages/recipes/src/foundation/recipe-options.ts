import type { Acl, ZooKeeper } from '@nodekeeper/client';
import type { Caller } from './call.js';
import { type Checks, checkArgument, checkOptions, isFunction, isList, isPath } from './checks.js';
import { RecipeError } from './errors.js';
import { type RetryPolicy, retry } from './retry.js';

/** Options of every recipe. */
export interface RecipeOptions {
  /** The ACL of the nodes that the recipe creates. Default `OPEN_ACL`. */
  readonly acl?: readonly Acl[];
  /** Whether to repeat requests whose connection was lost. Default `retry.forever()`. */
  readonly retry?: RetryPolicy;
}

const recipeChecks: Checks = { acl: isList, retry: isFunction };

/**
 * Checks the arguments of a recipe's constructor.
 *
 * @param checks the options that the recipe has in addition to `RecipeOptions`
 * @throws `BADARGUMENTS`
 */
export function callerOf(
  zk: ZooKeeper,
  recipe: string,
  path: string,
  options: RecipeOptions & object,
  checks: Checks = {},
): Caller {
  const place = { recipe, path: String(path) };
  if (typeof zk?.ports?.random !== 'function') {
    throw new RecipeError('BADARGUMENTS', place, 'the first argument must be a ZooKeeper client');
  }
  checkArgument(place, 'the path', path, isPath);
  checkOptions(place, options, { ...recipeChecks, ...checks });
  return { zk, recipe, path, acl: options.acl, retry: options.retry ?? retry.forever() };
}
