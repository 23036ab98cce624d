/** People, their roles and tokens, and who of them labels. What a labeller did in a round lives in `labelling/`. */
export { PeopleError } from './errors';
export {
  changeLabeller,
  countEligibleLabellers,
  type Invitation,
  inviteLabeller,
  type Labeller,
  listLabellers,
} from './labellers';
export { addPerson, findPerson, listPeople, type Person, removePerson } from './person';
export { addToken, personOfToken, replaceTokens, revokeTokens, type SignedInPerson } from './tokens';
