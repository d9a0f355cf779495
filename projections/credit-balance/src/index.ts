export { CreditBalance } from './credit-balance.js';
export type { Balance, BalancePoint, Movement, MovementPage, OpenReservation } from './credit-balance.js';
export { creditBalanceProjection } from './projection.js';
