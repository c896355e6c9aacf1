/** Where a session lives. */
export interface Places {
  readonly root: string;
  readonly stateFolder: string;
  readonly agentFolder: string;
  /** Takes a line for the daemon's log. */
  readonly log: (line: string) => void;
}
