/** The version of Apache ZooKeeper that this server matches. */
export const apacheVersion = '3.9.5';
/** The version of this package. */
export const packageVersion = '0.1.0';
/**
 * The version that `srvr`, `mntr` and other words print. Clients read the digits before the first `-`, and the text
 * after `built on`.
 */
export const fullVersion = `${apacheVersion}-nodekeeper-${packageVersion}, built on 2026-11-22 00:00 UTC`;
