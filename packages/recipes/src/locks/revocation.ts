/** The data that asks a holder to release its hold, as in Curator. The asking client writes it to the holder's node. */
export const revocationMessage = '__REVOKE__';

export function isRevocation(data: Buffer | null): boolean {
  return data?.toString() === revocationMessage;
}
