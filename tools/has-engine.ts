/** Exit 0 where there is a libtensorflow. */
import { locateTensorflow } from '../packages/tensorflow/src/locate/locate-tensorflow.js'

process.exitCode = locateTensorflow() ? 0 : 1
