/** (contract sketch) */
export interface Query {
  readonly id: number;
}
