/** What callbacks delivered, with a way to wait for the next that fits. */
export class Inbox<T> {
  readonly all: T[] = [];
  readonly #waiting: (() => void)[] = [];
  #readCount = 0;

  readonly put = (item: T): void => {
    this.all.push(item);
    for (const wake of this.#waiting.splice(0)) wake();
  };

  /** The next item, after those that were returned before, that fits. */
  async next(fits: (item: T) => boolean = () => true): Promise<T> {
    for (;;) {
      while (this.#readCount < this.all.length) {
        const item = this.all[this.#readCount++] as T;
        if (fits(item)) return item;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}
