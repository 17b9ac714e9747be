import { setNativeEngine } from '@espalier/core'

setNativeEngine(() => import('@espalier/tensorflow'))
