/**
 * Compares the numbers that the server appends to sequential names. A number has 32 bits and wraps from 2147483647 to
 * -2147483648 (kazoo#730), so the distance decides and not the value. This is right as long as all numbers in the
 * directory are within 2^31 of each other.
 */
export function compareSequence(one: number, other: number): number {
  return (one - other) | 0;
}

/**
 * Reads the number that the server has appended to a name. The server formats it as `%010d`: `0000000007`,
 * `-000000007`, `-2147483648`. Returns undefined for any other text.
 *
 * @param digits the part of the name after the prefix that the client chose; a minus sign in it belongs to the number
 */
export function readSequence(digits: string): number | undefined {
  return /^(\d{10}|-\d{9,10})$/.test(digits) ? Number(digits) : undefined;
}
