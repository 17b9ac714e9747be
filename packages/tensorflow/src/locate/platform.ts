/** What the libraries are called on a platform. */
export interface LibraryNames {
  /** The one with the C API: of a Python wheel, or of a plain libtensorflow. */
  readonly tensorflow: readonly string[]
  /** The one that it needs. */
  readonly framework: string
  readonly oneDnn: string
}

const names: Readonly<Record<string, LibraryNames>> = {
  linux: {
    tensorflow: ['libtensorflow_cc.so.2', 'libtensorflow.so.2'],
    framework: 'libtensorflow_framework.so.2',
    oneDnn: 'libdnnl.so.3',
  },
  darwin: {
    tensorflow: ['libtensorflow_cc.2.dylib', 'libtensorflow.2.dylib'],
    framework: 'libtensorflow_framework.2.dylib',
    oneDnn: 'libdnnl.3.dylib',
  },
}

/** None where no libtensorflow with a C API is published. */
export function libraryNames(platform: string = process.platform): LibraryNames | undefined {
  return names[platform]
}
