/**
 * Every table, a file per subject in `tables/`. The constraints there are the last line of defence: what must not be is
 * refused by the database, whatever the program above does. The one trigger (labels are never edited) stands in the
 * migrations.
 */

export * from './tables/generation';
export * from './tables/labelling';
export * from './tables/manuals';
export * from './tables/measurement';
export * from './tables/models';
export * from './tables/outbox';
export * from './tables/people';
export * from './tables/prompts';
export * from './tables/rounds';
export * from './tables/rulings';
export * from './tables/schedules';
export * from './tables/texts';
