/** An empty document; linkedom stands in for a browser's, and is loaded by the first plot. */
export async function createDocument(): Promise<Document> {
  const { parseHTML } = await import('linkedom')
  return parseHTML('<!doctype html><html><body></body></html>').document
}
