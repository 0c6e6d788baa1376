package io.github.pgqfleet.worker.call;

import io.github.pgqfleet.config.Section;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What the answers of an HTTP endpoint mean. A status itself ({@code 429}) counts before its class
 * ({@code 4xx}); what is not listed says nothing about the events, so the batch waits. Immutable.
 *
 * @param verdicts by status, class of statuses, or the name of a {@link Trouble}
 */
record StatusRules(Map<String, Verdict> verdicts) {

  private static final Pattern STATUS = Pattern.compile("[1-5](\\d\\d|xx)");

  /** What can happen instead of an answer. */
  enum Trouble {
    /** It cannot be connected to, or speaks no TLS that is trusted. */
    UNREACHABLE,
    /** No answer in time. */
    TIMEOUT,
    /** The connection broke, or the answer is no HTTP, or too long. */
    DISCONNECT;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  StatusRules {
    verdicts = Map.copyOf(verdicts);
  }

  static StatusRules read(Section http) {
    var keys = new EnumMap<Verdict, String>(Verdict.class);
    keys.put(Verdict.HANDLED, "handled-on");
    keys.put(Verdict.WAIT, "wait-on");
    keys.put(Verdict.RETRY, "retry-on");
    keys.put(Verdict.DEAD, "dead-on");
    var words = List.of(Trouble.values()).stream().map(Trouble::word).toList();
    var verdicts = new HashMap<String, Verdict>();
    keys.forEach(
        (verdict, key) -> {
          for (var word : http.strings(key)) {
            boolean trouble = words.contains(word);
            if (!STATUS.matcher(word).matches() && !trouble) {
              http.problem(
                  key,
                  "names \"%s\"; it takes statuses such as 503 or 5xx, and the words %s"
                      .formatted(word, words));
            } else if (trouble && verdict == Verdict.HANDLED) {
              http.problem(key, "names \"" + word + "\", which is no answer");
            }
            var other = verdicts.put(word, verdict);
            if (other != null && other != verdict) {
              http.problem(key, "names \"%s\", and so does %s".formatted(word, keys.get(other)));
            }
          }
        });
    return new StatusRules(verdicts);
  }

  Verdict of(int status) {
    var exact = verdicts.get(Integer.toString(status));
    return exact != null ? exact : verdicts.getOrDefault(status / 100 + "xx", Verdict.WAIT);
  }

  Verdict of(Trouble trouble) {
    return verdicts.getOrDefault(trouble.word(), Verdict.WAIT);
  }
}
