/** As everything that reads what people write needs them. */
export { didYouMean, nearest } from '../../domain/suggestions';
