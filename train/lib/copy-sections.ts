// Sections of a weights file as they are, to be written into another.
import type { Container } from "../../src/routing/weights/container.ts";
import type { SectionToWrite } from "./write-container.ts";

/** Those whose names begin with `prefix`, in the order they stand in. */
export function copySections(from: Container, prefix: string): readonly SectionToWrite[] {
  return Object.entries(from.header.sections)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, { dtype }]) => ({ name, dtype, ...from.section(name, dtype) }));
}
