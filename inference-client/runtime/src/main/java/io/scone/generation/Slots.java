package io.scone.generation;

import io.scone.inference.Sequences;
import java.util.ArrayList;
import java.util.List;

/**
 * Which sequence is in which slot of the model's cache of keys and values: those that are read on
 * with have the slots from 0 without a gap, so that a step reads one run of slots.
 */
final class Slots {
  private final Sequences cache;
  private final List<Sequence> active = new ArrayList<>();

  Slots(Sequences cache) {
    this.cache = cache;
  }

  /** Returns the sequences by slot. */
  List<Sequence> active() {
    return active;
  }

  /** Returns how many sequences there are: the first free slot. */
  int size() {
    return active.size();
  }

  /** Gives a sequence the first free slot, with a copy of what is in another. */
  void join(Sequence sequence, int from) {
    int slot = active.size();
    if (slot != from) {
      cache.copy(from, slot);
    }
    sequence.moveTo(slot);
    active.add(sequence);
  }

  /** Puts a sequence in another's place, with a copy of what is in a slot, or is there already. */
  void replace(Sequence old, Sequence sequence, int from) {
    int slot = old.slot();
    if (slot != from) {
      cache.copy(from, slot);
    }
    sequence.moveTo(slot);
    active.set(slot, sequence);
  }

  /** Frees a sequence's slot, which the last sequence takes. */
  void leave(Sequence sequence) {
    int slot = sequence.slot();
    int last = active.size() - 1;
    Sequence moved = active.remove(last);
    if (slot != last) {
      cache.copy(last, slot);
      moved.moveTo(slot);
      active.set(slot, moved);
    }
    cache.clear(last);
  }
}
