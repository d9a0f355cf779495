export { CHAIN_START, chainValue, verifyChain } from './chain.js';
export type { Chained, ChainFault, ChainVerdict, Head, Link } from './chain.js';
