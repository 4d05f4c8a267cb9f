// What an origin's kind demands of its row and of its region. Works on a sketch like the other
// rules: whatever could not be read is somebody else's fault.
import { type OriginFeature, WORKERS_AI_URL } from "../domain/catalog.ts";
import { type Fault, type Path, pathText } from "./faults.ts";
import type { OriginSketch, RegionSketch, Sketch } from "./sketch.ts";

export function* faultsOfKinds({ regions, origins }: Sketch): Generator<Fault> {
  for (const [index, origin] of (origins ?? []).entries()) {
    const at = ["origins", index];
    if (origin.kind === "hf-tasks") yield* faultsOfNames(origin, at);
    yield* faultsOfFeatures(origin, at);
    if (origin.kind === "workers-ai") {
      yield* faultsOfBinding(origin, at);
      const region = (regions ?? []).find(({ id }) => id !== undefined && id === origin.region);
      if (region !== undefined) yield* faultsOfPlace(region, at);
    } else if (origin.kind !== undefined && origin.base_url === undefined) {
      yield fault([...at, "base_url"], "Add this field: it must be a string.");
    }
  }
}

/** They stand in a path there, where dots would lead to another one. */
function* faultsOfNames({ serves }: OriginSketch, at: Path): Generator<Fault> {
  for (const [place, { as }] of (serves ?? []).entries()) {
    if (!as?.split("/").some((part) => part === "." || part === "..")) continue;
    const path = [...at, "serves", place, "as"];
    yield fault(path, "Remove the segments . and .. from this name: it is part of a path.");
  }
}

/** Features that say how servers of Hugging Face are addressed. */
const OF_HF_TASKS: readonly OriginFeature[] = ["single_model", "tei"];

function* faultsOfFeatures({ kind, features, serves }: OriginSketch, at: Path): Generator<Fault> {
  for (const [place, feature] of (features ?? []).entries()) {
    if (feature === undefined || !OF_HF_TASKS.includes(feature) || kind === undefined) continue;
    const path = [...at, "features", place];
    if (kind !== "hf-tasks") yield fault(path, "Remove this feature: it is for origins of kind hf-tasks.");
    else if ((serves ?? []).length > 1) {
      yield fault(path, "Give each model an origin of its own: a server with this feature has one.");
    }
  }
}

function* faultsOfBinding({ base_url, secret }: OriginSketch, at: Path): Generator<Fault> {
  // What was read may be put again: there the default stands filled in.
  if (base_url !== undefined && base_url !== WORKERS_AI_URL) {
    yield fault([...at, "base_url"], "Remove this: origins of kind workers-ai are reached by a binding.");
  }
  if (secret !== undefined && secret !== null) {
    yield fault([...at, "secret"], "Remove this: origins of kind workers-ai take no secret.");
  }
}

/** A pin would promise what nobody keeps: these models run wherever there is room. */
function* faultsOfPlace({ lat, lon, jurisdiction }: RegionSketch, at: Path): Generator<Fault> {
  const isNowhere = [lat, lon, jurisdiction].every((value) => value === undefined || value === null);
  if (isNowhere) return;
  const message =
    "Name a region without lat, lon and jurisdiction: where models of kind workers-ai run, nobody promises.";
  yield fault([...at, "region"], message);
}

function fault(path: Path, message: string): Fault {
  return { path: pathText(path), message };
}
