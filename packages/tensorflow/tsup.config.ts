import { defineConfig } from 'tsup'
import { build } from '../../tsup.base.js'

// tfjs's Node kernels come along (their package would run an install script). They are CommonJS and share our tfjs.
export default defineConfig(
  build(
    { index: 'src/index.ts' },
    {
      platform: 'node',
      banner: {
        js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
      },
      esbuildPlugins: [
        {
          name: 'one-tfjs',
          setup: ({ onResolve, onLoad }) => {
            onResolve({ filter: /^@tensorflow\/tfjs-core$/ }, () => ({
              path: '@tensorflow/tfjs',
              external: true,
            }))
            // Messages of TensorBoard, which the engine does not write; they would bring all of protobuf along.
            onLoad({ filter: /proto\/api_pb\.js$/ }, () => ({ contents: 'module.exports = {}' }))
          },
        },
      ],
    },
  ),
)
