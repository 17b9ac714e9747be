/** What a path has besides its text, named as Python's `Path` does. */
export type PathPart = 'name' | 'stem' | 'suffix' | 'parent'

/** A part of a path: of `a/b/cat.1.jpg` the name `cat.1.jpg`, stem `cat.1`, suffix `.jpg`, parent `a/b`. */
export function pathPart(path: string, part: PathPart): string {
  const posix = path.replaceAll('\\', '/').replace(/(?<=.)\/+$/, '')
  const slash = posix.lastIndexOf('/')
  const name = posix.slice(slash + 1)
  const dot = name.lastIndexOf('.')
  const cut = dot > 0 ? dot : name.length
  switch (part) {
    case 'name':
      return name
    case 'stem':
      return name.slice(0, cut)
    case 'suffix':
      return name.slice(cut)
    case 'parent':
      return slash < 0 ? '.' : posix.slice(0, slash) || '/'
  }
}

/** Whether a word names a part of a path. */
export function isPathPart(word: unknown): word is PathPart {
  return word === 'name' || word === 'stem' || word === 'suffix' || word === 'parent'
}
