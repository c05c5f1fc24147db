import Foundation

/// Does `work` with many items, several at the same time, each worker on a thread of its own. The calling thread takes the
/// results in the items' order. Nobody waits for the slowest as long as it is less than `lead` items behind; so many results are
/// held at the most.
/// - Parameters:
///   - workers: what each thread works with, and no other meanwhile; at least one. A single one works on the calling thread.
///   - lead: nil is a few for each worker
///   - check: called now and then while there is nothing to take; may throw to stop.
///   - work: with a worker and an item that no other thread has. It computes alone unless it says so.
///   - receive: called with each item and its result, in order; may throw to stop.
/// - Throws: what `check` and `receive` throw, and what `work` throws when its item's turn comes: the error of the first item that
///   failed, after the results before were received. No worker runs any more by then.
package func parallelStream<Item, Worker, Output: Sendable, Failure>(
  _ items: [Item], by workers: [Worker], lead: Int? = nil, check: () throws(Failure) -> Void,
  work: @escaping @Sendable (Worker, Item) throws(Failure) -> Output,
  receive: (Item, Output) throws(Failure) -> Void
) throws(Failure) {
  precondition(!workers.isEmpty)
  guard min(workers.count, items.count) > 1 else {
    for item in items {
      try check()
      try receive(item, ThreadTeam.single.run { () throws(Failure) in try work(workers[0], item) })
    }
    return
  }
  var rest = items[...]
  let queue = WorkQueue(
    workers, lead: lead ?? 4 * workers.count, source: { _ throws(Failure) in rest.popFirst() }, work)
  try queue.receive(min(workers.count, items.count), check, receive)
}

/// The same with items that are not known beforehand.
/// - Parameter source: gives the next item; nil where there is none. It is called by one thread at a time, and may wait for an item as
///   long as its argument says that it is wanted. What it throws is as what `work` throws.
package func parallelStream<Item, Worker, Output: Sendable, Failure>(
  from source: @escaping (_ isWanted: () -> Bool) throws(Failure) -> Item?, by workers: [Worker],
  check: () throws(Failure) -> Void,
  work: @escaping @Sendable (Worker, Item) throws(Failure) -> Output,
  receive: (Item, Output) throws(Failure) -> Void
) throws(Failure) {
  precondition(!workers.isEmpty)
  guard workers.count > 1 else {
    try check()
    while let item = try source({ true }) {
      try receive(item, ThreadTeam.single.run { () throws(Failure) in try work(workers[0], item) })
      try check()
    }
    return
  }
  let queue = WorkQueue(workers, lead: 4 * workers.count, source: source, work)
  try queue.receive(workers.count, check, receive)
}

/// The results of `work` with each item, in their order; as `parallelStream`, which tells more of it.
/// - Parameters:
///   - chunk: results between two calls of `progress`
///   - progress: called on this thread with the number of results that are there, after each chunk and at the end; may throw to
///     stop.
/// - Throws: what `progress` throws, and the error of the first item that failed.
@discardableResult
package func parallelMap<Item, Worker, Output: Sendable, Failure>(
  _ items: [Item], by workers: [Worker], chunk: Int, progress: (_ done: Int) throws(Failure) -> Void,
  work: @escaping @Sendable (Worker, Item) throws(Failure) -> Output
) throws(Failure) -> [Output] {
  var results: [Output] = []
  results.reserveCapacity(items.count)
  try parallelStream(
    items, by: workers, lead: .max, check: { () throws(Failure) in }, work: work,
    receive: { (_, output) throws(Failure) in
      results.append(output)
      if results.count % chunk == 0 || results.count == items.count { try progress(results.count) }
    })
  return results
}

/// The same by workers that have nothing of their own, and without a word before the end.
@discardableResult
package func parallelMap<Item, Output: Sendable, Failure>(
  _ items: [Item], threads: Int, work: @escaping @Sendable (Item) throws(Failure) -> Output
) throws(Failure) -> [Output] {
  try parallelMap(
    items, by: [Void](repeating: (), count: threads), chunk: .max, progress: { _ throws(Failure) in },
    work: { (_, item) throws(Failure) in try work(item) })
}
