/** People, their roles and tokens, and who of them labels. What a labeller did in a round lives in `labelling/`. */
export { PeopleError } from './errors';
export {
  type Adjusting,
  adjustLabeller,
  changeLabeller,
  eligibleLabellers,
  type Invitation,
  inviteLabeller,
  type Labeller,
  labellerOf,
  listLabellers,
} from './labellers';
export { addPerson, findPerson, listPeople, namesOf, type Person, removePerson } from './person';
export { type Slip, slipsAmong } from './requirements';
export {
  isSuspended,
  type ResumeResult,
  resumeLabeller,
  type SuspendResult,
  suspendLabeller,
} from './suspension';
export { agreeToTerms, type Consent, type Terms, termsOfLabeller } from './terms';
export { addToken, personOfToken, replaceTokens, revokeTokens, type SignedInPerson } from './tokens';
