/** Labels an item by the folder it lies in (fastai's `parent_label`): `'train/cat/1.jpg'` → `'cat'`. */
export function parentLabel(path: string): string {
  return path.replaceAll('\\', '/').split('/').at(-2) ?? ''
}
