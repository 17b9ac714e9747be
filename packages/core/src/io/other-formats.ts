/** A file that may be handed over as weights and cannot be read as such. */
interface OtherFormat {
  readonly what: string
  readonly fix: string
  /** By the first bytes, one character for each. */
  is(head: string): boolean
}

/** For the errors about files in other formats. */
export const whatIsRead =
  'weights are read from safetensors files and from what torch.save writes (.pth, .pt, .bin)'

const resave =
  'in Python: safetensors.torch.save_file({k: v.contiguous() for k, v in model.state_dict().items()}, "weights.safetensors")'
const keras = `load it with Keras and ${numpy('{w.path: w.numpy() for w in model.weights}')}`
const download = 'download it again; a private file needs a token'

const begins =
  (...starts: readonly string[]) =>
  (head: string): boolean =>
    starts.some((start) => head.startsWith(start))

/** What the formats that are not read begin with, and the way from each to one that is. */
export const otherFormats: readonly OtherFormat[] = [
  { what: 'empty', fix: download, is: (head) => head === '' },
  { what: 'HDF5 (.h5, .keras, .hdf5)', fix: keras, is: begins('\x89HDF\r\n') },
  {
    what: 'a numpy archive (.npz)',
    fix: numpy('dict(numpy.load(path))'),
    is: (head) => head.startsWith('PK\x03\x04') && head.includes('.npy'),
  },
  { what: 'a zip archive, such as Keras writes (.keras)', fix: keras, is: begins('PK') },
  { what: 'a numpy array (.npy)', fix: numpy('{"weight": numpy.load(path)}'), is: begins('\x93NUMPY') },
  {
    what: 'a Python pickle (.pkl), which may run code when Python loads it',
    fix: `if you trust it, load it in Python; then ${resave}`,
    is: begins('\x80\x02', '\x80\x03', '\x80\x04', '\x80\x05'),
  },
  {
    what: 'a tar archive, as PyTorch wrote before version 0.2',
    fix: `load it with PyTorch and, ${resave}`,
    is: (head) => head.startsWith('ustar', 257),
  },
  {
    // Field 1, the format's version, as a small number, then another length-delimited or numeric field.
    what: 'ONNX (.onnx)',
    fix: numpy('{t.name: onnx.numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer}'),
    is: (head) =>
      head[0] === '\x08' &&
      head.charCodeAt(1) <= 32 &&
      '\x12\x1a\x22\x28\x32\x3a\x42'.includes(head[2] ?? '-'),
  },
  {
    what: 'GGUF (.gguf)',
    fix: `find the safetensors files it was made from: ${whatIsRead}`,
    is: begins('GGUF'),
  },
  {
    what: 'LiteRT (.tflite)',
    fix: `find the weights it was made from: ${whatIsRead}`,
    is: (head) => head.startsWith('TFL3', 4),
  },
  { what: 'gzip-compressed', fix: 'unpack it first: gunzip', is: begins('\x1f\x8b') },
  {
    what: 'a web page, not the file it was to be',
    fix: download,
    is: (head) => /^\s*<(?:!doctype|html|\?xml)/i.test(head),
  },
  {
    what: 'a Git LFS pointer, not the file it points to',
    fix: 'in its folder: git lfs pull',
    is: begins('version https://git-lfs'),
  },
  { what: 'JSON', fix: whatIsRead, is: (head) => /^\s*[{[]/.test(head) },
]

function numpy(tensors: string): string {
  return `in Python: safetensors.numpy.save_file(${tensors}, "weights.safetensors")`
}
