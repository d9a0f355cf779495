export { newKeyPair, publicKeyOf, type KeyPair } from './key-pair.js';
export { issueKey, newSerial } from './issue-key.js';
export { readKey, type UnreadableKey } from './read-key.js';
