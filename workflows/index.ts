export { evaluationRound } from './evaluationRound';
export { itemShard } from './itemShard';
export { scheduledRound } from './scheduledRound';
