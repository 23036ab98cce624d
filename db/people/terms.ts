/** The terms that a labeller was invited under, and their agreement to them. */
import { eq, sql } from 'drizzle-orm';
import type { PersonId } from '../../domain/ids';
import { wellFormed } from '../../domain/text';
import type { Db, Tx } from '../connection';
import { audit, labellers } from '../schema';
import { readShownTexts, saveText } from '../texts';

export interface Terms {
  hash: string;
  /** Markdown or plain text. */
  text: string;
  agreedAt: Date | null;
}

/** Inside the invitation's transaction. The same terms again stay agreed to; others ask anew. */
export async function putUnderTerms(tx: Tx, id: PersonId, text: string): Promise<void> {
  const hash = await saveText(tx, wellFormed(text));
  await tx
    .update(labellers)
    .set({ termsHash: hash, agreedAt: null })
    .where(sql`${labellers.id} = ${id} and ${labellers.termsHash} is distinct from ${hash}`);
}

/** @returns null for a labeller without terms, and for somebody who is no labeller. */
export async function termsOfLabeller(tx: Tx, id: PersonId): Promise<Terms | null> {
  const [row] = await tx
    .select({ hash: labellers.termsHash, agreedAt: labellers.agreedAt })
    .from(labellers)
    .where(eq(labellers.id, id));
  if (!row || row.hash === null) return null;
  const { hash, agreedAt } = row;
  return { hash, text: (await readShownTexts(tx, [hash])).get(hash) ?? '', agreedAt };
}

export type Consent =
  /** Now, or before. */
  { kind: 'agreed'; at: Date } | { kind: 'other-terms' | 'no-terms' };

/** Agrees to the terms that hold: whoever names others has read what holds no more. Idempotent. */
export function agreeToTerms(db: Db, id: PersonId, hash: string): Promise<Consent> {
  return db.transaction(async (tx) => {
    const [labeller] = await tx.select().from(labellers).where(eq(labellers.id, id)).for('update');
    if (!labeller || labeller.termsHash === null) return { kind: 'no-terms' };
    if (labeller.termsHash !== hash) return { kind: 'other-terms' };
    if (labeller.agreedAt) return { kind: 'agreed', at: labeller.agreedAt };
    const [agreed] = await tx
      .update(labellers)
      .set({ agreedAt: sql`now()` })
      .where(eq(labellers.id, id))
      .returning({ at: labellers.agreedAt });
    if (!agreed?.at) throw new Error('a locked labeller was not there');
    await tx.insert(audit).values({ actor: id, action: 'labeller.agree', subject: id, detail: { terms: hash } });
    return { kind: 'agreed', at: agreed.at };
  });
}
