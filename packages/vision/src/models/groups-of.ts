import { type AnyModule, type ParamGroups, params } from '@espalier/core'

/** The parameters of a network in groups: one for each list of parts, the last for all that is left. */
export function groupsOf(net: AnyModule, ...lists: readonly (readonly AnyModule[])[]): ParamGroups {
  const groups = lists.map((parts) => parts.flatMap(params))
  const grouped = new Set(groups.flat())
  return [...groups, net.parameters().filter((p) => !grouped.has(p))]
}
