/** A word that the vocabulary does not have. */
export const UNK = 'xxunk'
/** Padding. */
export const PAD = 'xxpad'
/** The beginning of a text. */
export const BOS = 'xxbos'
/** The end of a text. */
export const EOS = 'xxeos'
/** A field of a text that has several: its number comes next. */
export const FLD = 'xxfld'
/** A repeated character: how often and which come next. */
export const TK_REP = 'xxrep'
/** A repeated word: how often and which come next. */
export const TK_WREP = 'xxwrep'
/** The next word was written in capitals. */
export const TK_UP = 'xxup'
/** The next word began with a capital. */
export const TK_MAJ = 'xxmaj'

/** The tokens that say what words cannot, in the order of their ids in every vocabulary (fastai's `defaults.text_spec_tok`). */
export const specialTokens: readonly string[] = [UNK, PAD, BOS, EOS, FLD, TK_REP, TK_WREP, TK_UP, TK_MAJ]
