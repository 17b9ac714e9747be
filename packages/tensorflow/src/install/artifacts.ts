import { tensorflowVersion } from '../locate/cache.js'

/** A Python wheel that libraries are taken from. */
export interface Wheel {
  readonly name: string
  readonly version: string
  /** Of the file; a wheel with another hash is refused. */
  readonly sha256: string
  /** The tag of pip that selects the file, so that every machine gets the same one. */
  readonly platform: string
  /** The libraries: where each lies in the wheel, and where it goes. */
  readonly files: Readonly<Record<string, string>>
  /** Also take the shared libraries below this folder, to the same place. */
  readonly folder?: string
}

const linuxFiles = {
  'tensorflow/libtensorflow_cc.so.2': 'tensorflow/libtensorflow_cc.so.2',
  'tensorflow/libtensorflow_framework.so.2': 'tensorflow/libtensorflow_framework.so.2',
}

const tensorflow = (platform: string, sha256: string, files: Readonly<Record<string, string>>): Wheel => ({
  name: 'tensorflow',
  version: tensorflowVersion,
  platform,
  sha256,
  files,
})

const nvidia = (name: string, version: string, platform: string, sha256: string): Wheel => ({
  name: `nvidia-${name}-cu12`,
  version,
  platform,
  sha256,
  files: {},
  folder: 'nvidia/',
})

const oneDnn: Wheel = {
  name: 'onednn-cpu-gomp',
  version: '2023.2.0',
  platform: 'manylinux1_x86_64',
  sha256: '2f22a54d6a890ed14bfa185d42a4be65d8b5b1df85dc1f0f3a9abe31620416fb',
  files: { 'onednn_cpu_gomp-2023.2.0.data/data/lib/libdnnl.so.3': 'tensorflow/libdnnl.so.3' },
}

const linux64 = 'manylinux_2_27_x86_64'

/** What is installed, by platform and processor. */
export const engines: Readonly<Record<string, readonly Wheel[]>> = {
  'linux-x64': [
    {
      ...tensorflow(linux64, '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c', linuxFiles),
      name: 'tensorflow-cpu',
    },
    oneDnn,
  ],
  'linux-arm64': [
    tensorflow(
      'manylinux_2_27_aarch64',
      '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
      linuxFiles,
    ),
  ],
  'darwin-arm64': [
    tensorflow('macosx_12_0_arm64', '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88', {
      'tensorflow/libtensorflow_cc.2.dylib': 'tensorflow/libtensorflow_cc.2.dylib',
      'tensorflow/libtensorflow_framework.2.dylib': 'tensorflow/libtensorflow_framework.2.dylib',
    }),
  ],
}

/** With the CUDA libraries that TensorFlow's `and-cuda` asks for. */
export const gpuEngines: Readonly<Record<string, readonly Wheel[]>> = {
  'linux-x64': [
    tensorflow(linux64, '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124', linuxFiles),
    nvidia(
      'cublas',
      '12.9.3.13',
      linux64,
      'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
    ),
    nvidia(
      'cuda-cupti',
      '12.8.90',
      'manylinux2014_x86_64',
      'ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182',
    ),
    nvidia(
      'cuda-nvcc',
      '12.9.86',
      'manylinux2010_x86_64',
      '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
    ),
    nvidia(
      'cuda-nvrtc',
      '12.9.86',
      'manylinux2010_x86_64',
      '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
    ),
    nvidia(
      'cuda-runtime',
      '12.9.79',
      'manylinux2014_x86_64',
      '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
    ),
    nvidia('cudnn', '9.28.0.42', linux64, '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375'),
    nvidia(
      'cufft',
      '11.4.1.4',
      'manylinux2014_x86_64',
      'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
    ),
    nvidia(
      'curand',
      '10.3.10.19',
      linux64,
      '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e',
    ),
    nvidia(
      'cusolver',
      '11.7.5.82',
      linux64,
      '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
    ),
    nvidia(
      'cusparse',
      '12.5.10.65',
      'manylinux2014_x86_64',
      '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
    ),
    nvidia('nccl', '2.32.3', linux64, 'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c'),
    nvidia(
      'nvjitlink',
      '12.9.86',
      'manylinux2010_x86_64',
      'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
    ),
  ],
}
