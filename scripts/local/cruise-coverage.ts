// Did dependency-cruiser truly read the tree? It reports success for files it cannot parse, so a file
// counts as seen only when it is listed and its imports were found. Pure: contents are handed in.

export interface CruisedModule {
  readonly source: string;
  readonly dependencies: readonly { readonly resolved: string }[];
}

const IMPORT = /^(?:import|export)\b[^;]*?\bfrom\s+["']/m;

export function unseenFiles(
  files: readonly string[],
  modules: readonly CruisedModule[],
  contentOf: (path: string) => string,
): readonly string[] {
  const dependencyCounts = new Map(modules.map(({ source, dependencies }) => [source, dependencies.length]));
  return files.filter((path) => {
    const count = dependencyCounts.get(path);
    return count === undefined || (count === 0 && IMPORT.test(contentOf(path)));
  });
}
