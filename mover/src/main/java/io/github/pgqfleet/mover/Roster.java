package io.github.pgqfleet.mover;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The other movers and the drained databases, as one heartbeat found them. Immutable.
 *
 * @param peers the other movers that are alive
 * @param dead the ids of those that are not: their heartbeat is stale
 * @param drained the source databases that no mover shall lead
 */
record Roster(List<Peer> peers, Set<String> dead, Set<String> drained) {

  Roster {
    peers = List.copyOf(peers);
    dead = Set.copyOf(dead);
    drained = Set.copyOf(drained);
  }

  /**
   * Another mover.
   *
   * @param leads the source databases that it leads
   * @param ready those that it would lead if their leader let it
   */
  record Peer(String id, Set<String> leads, Set<String> ready) {
    Peer {
      leads = Set.copyOf(leads);
      ready = Set.copyOf(ready);
    }
  }

  /**
   * How many of the others should rather lead a database than this mover. Rendezvous hashing: each
   * mover has a weight for each database, the heaviest should lead. So all movers come to the same
   * without talking, and when one joins or leaves, only its own share changes hands.
   */
  int rank(String self, String database) {
    var own = weight(self, database);
    return Math.toIntExact(peers.stream().filter(p -> isHeavier(p, own, database)).count());
  }

  /** The one of the others that should lead a database, if this mover should not. */
  Optional<Peer> preferred(String self, String database) {
    var own = weight(self, database);
    return peers.stream()
        .filter(p -> isHeavier(p, own, database))
        .max((a, b) -> Long.compareUnsigned(weight(a.id(), database), weight(b.id(), database)));
  }

  /** Whether one of the others says that it leads a database. */
  boolean isLed(String database) {
    return peers.stream().anyMatch(p -> p.leads().contains(database));
  }

  private static boolean isHeavier(Peer peer, long weight, String database) {
    return Long.compareUnsigned(weight(peer.id(), database), weight) > 0;
  }

  /** The same on every host and in every version. */
  private static long weight(String mover, String database) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      return ByteBuffer.wrap(
              digest.digest((mover + "\n" + database).getBytes(StandardCharsets.UTF_8)))
          .getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
