package io.github.pgqfleet.worker;

import io.github.pgqfleet.worker.coop.GroupStatus;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How far the groups are behind on their queues, as they were last seen. Thread-safe. */
final class GroupLags {

  private volatile Map<String, GroupStatus> groups = Map.of();

  /** All groups have been looked at, or cannot be looked at now, and there are none to tell of. */
  void seen(List<GroupStatus> all) {
    groups = all.stream().collect(Collectors.toMap(GroupStatus::queue, Function.identity()));
  }

  /** Null when it is not known. */
  @Nullable Double lagSeconds(String queue) {
    var group = groups.get(queue);
    return group == null ? null : Double.valueOf(group.lagSeconds());
  }

  /** Null when it is not known. */
  @Nullable Long pendingEvents(String queue) {
    var group = groups.get(queue);
    return group == null ? null : Long.valueOf(group.pendingEvents());
  }
}
