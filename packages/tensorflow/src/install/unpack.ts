import type { Environment } from '../locate/cache.js'
import type { Wheel } from './artifacts.js'
import { python } from './python.js'

/**
 * Copies named members of an archive, and shared libraries below a folder, to names of our own. What an archive
 * calls its members never decides where a file goes: members that leave the folder are refused.
 */
const script = `
import json, os, shutil, sys, zipfile
archive, target, files, folder = sys.argv[1], sys.argv[2], json.loads(sys.argv[3]), sys.argv[4]
with zipfile.ZipFile(archive) as z:
    members = dict(files)
    for name in z.namelist() if folder else ():
        if name.startswith(folder) and '/lib/' in name and '.so' in name.rsplit('/', 1)[1]:
            if '..' in name.split('/') or os.path.isabs(name): sys.exit('refused: ' + name)
            members[name] = name
    for name, place in members.items():
        path = os.path.join(target, place)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with z.open(name) as source, open(path, 'xb') as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
            copy.flush()
            os.fsync(copy.fileno())
`

/** Takes the libraries out of a wheel. */
export async function unpack(wheel: Wheel, path: string, target: string, env: Environment): Promise<void> {
  const args = ['-I', '-c', script, path, target, JSON.stringify(wheel.files), wheel.folder ?? '']
  await python(args, `unpacking ${wheel.name} ${wheel.version}`, env)
}
