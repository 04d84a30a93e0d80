/** More than V8 lets an ordinary heap grow between two collections. */
const weightBytes = 256 * 1024 * 1024;

/**
 * Makes V8 notice soon that shared buffers are no longer in use. It counts them as nobody's, so that a replaced index of a hundred
 * megabytes would stay until the small heap beside it fills. This buffer counts, and as nobody writes it, it takes no memory: a collection
 * begins, in small steps. Call it when the last reference is gone.
 */
export function hastenCollection(): void {
  try {
    new ArrayBuffer(weightBytes);
  } catch {
    // Where not even addresses are left, a collection has just been tried.
  }
}
