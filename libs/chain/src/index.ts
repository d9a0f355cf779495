export { CHAIN_START, chainValue, linkFault, verifyChain } from './chain.js';
export type { Chained, ChainFault, ChainVerdict, Head, Link } from './chain.js';
