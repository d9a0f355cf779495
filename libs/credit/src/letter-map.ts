/** What became of the signature of a letter. */
export type LetterCredit = 'reserved' | 'consumed' | 'released';

const BITS = 4;
const WIDTH = 1 << BITS;
const DEPTH = 4;

type Leaf = ReadonlyMap<string, LetterCredit>;
type Node = readonly (Node | Leaf | undefined)[];

/**
 * The letters of an account, never changed: `with` shares all but a path of the tree with the map before. An account may have had
 * hundreds of thousands of letters, and copying a whole `Map` for each event would make folding them quadratic.
 */
export class LetterMap {
  static readonly empty = new LetterMap([]);

  private constructor(private readonly root: Node) {}

  get(letterId: string): LetterCredit | undefined {
    return leafOf(this.root, letterId)?.get(letterId);
  }

  with(letterId: string, credit: LetterCredit): LetterMap {
    return new LetterMap(replaced(this.root, 0, letterId, credit));
  }
}

function leafOf(root: Node, letterId: string): Leaf | undefined {
  const hash = hashOf(letterId);
  let node: Node | Leaf | undefined = root;
  for (let level = 0; level < DEPTH && node !== undefined; level += 1) node = (node as Node)[slot(hash, level)];
  return node as Leaf | undefined;
}

function replaced(node: Node, level: number, letterId: string, credit: LetterCredit): Node {
  const index = slot(hashOf(letterId), level);
  const below = node[index];
  const copy = [...node];
  copy[index] =
    level + 1 < DEPTH
      ? replaced((below ?? []) as Node, level + 1, letterId, credit)
      : new Map((below ?? []) as Leaf).set(letterId, credit);
  return copy;
}

const slot = (hash: number, level: number): number => (hash >>> (level * BITS)) & (WIDTH - 1);

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c_9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x0100_0193);
  return hash >>> 0;
}
