interface ModuleInfo {
  readonly importedIds: readonly string[];
}

interface Modules {
  getModuleInfo(id: string): ModuleInfo | null;
}

/**
 * What the page starts with, as one file. Modules that screens loaded later share with it would otherwise become files of
 * their own, each of which costs a request before anything is seen.
 */
export function startGroup(entry: string, name: string): { name(id: string, modules: Modules): string | null } {
  let started: ReadonlySet<string> | null = null;
  return {
    name(id, modules) {
      started ??= reachedFrom(entry, modules);
      return started.has(id) ? name : null;
    },
  };
}

/** The modules that an entry imports, directly or by others, and not only when somebody wants them. */
function reachedFrom(entry: string, modules: Modules): ReadonlySet<string> {
  const reached = new Set<string>([entry]);
  for (const id of reached) for (const imported of modules.getModuleInfo(id)?.importedIds ?? []) reached.add(imported);
  return reached;
}
