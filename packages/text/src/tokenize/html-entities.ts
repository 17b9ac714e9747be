import entities from './data/html-entities.json' with { type: 'json' }

/** The characters that HTML has names for; some names may go without their semicolon. */
export const htmlEntities: ReadonlyMap<string, string> = new Map(Object.entries(entities))
