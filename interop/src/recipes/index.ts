/** The processes that use the recipes of each library, for other programs such as the benchmark. */
export { installLibrary } from './libraries.js';
export { type Library, Peer } from './peer.js';
