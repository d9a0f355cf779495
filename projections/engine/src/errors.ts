/** A newer version of the projection has taken over; this process must be replaced by one of that version. */
export class ProjectionOutdated extends Error {
  readonly code = 'PROJECTION_OUTDATED';
  constructor(name: string, ours: number, theirs: number) {
    super(`${name} is at version ${theirs} and this process has version ${ours}; start the newer program instead.`);
    this.name = 'ProjectionOutdated';
  }
}

/** Another process took this rebuild for dead and rebuilds now; or the projection was changed under it. */
export class RebuildTakenOver extends Error {
  readonly code = 'REBUILD_TAKEN_OVER';
  constructor(name: string) {
    super(`The rebuild of ${name} was taken over by another process; nothing is left to do here.`);
    this.name = 'RebuildTakenOver';
  }
}

/** A projection sets an object and, elsewhere, a field inside it. */
export class WritesContradict extends Error {
  readonly code = 'WRITES_CONTRADICT';
  constructor(id: string, key: string) {
    super(`The projection sets ${key} of ${id} both as a whole and in parts; set only the parts.`);
    this.name = 'WritesContradict';
  }
}
