export { evaluationRound } from './evaluationRound';
export { itemShard } from './itemShard';
