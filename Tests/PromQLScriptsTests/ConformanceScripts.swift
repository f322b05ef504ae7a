extension ConformanceScript {
    /// All topics.
    static let all = [bytes, notANumber, nanObservations, trimming, joinErrors, fills, overlaps, startTimes]

    private static let bytes = ConformanceScript(
        topic: "string literals hold bytes, labels hold UTF-8",
        text: #"""
            load 1m
              x{a="b",v="1"} 1
              x{a="c",v="2"} 2

            eval instant at 0 "\xff"
              expect string "\xff"

            eval instant at 0 "a\xe2\x82z"
              expect string `aXXz`

            eval instant at 0 count_values("a\xc5z", x)
              expect fail msg:invalid label name "a\xc5z"

            eval instant at 0 count_values("", x)
              expect fail msg:invalid label name ""

            eval instant at 0 label_replace(x, "\xff", "", "a", "(.*)")
              expect fail regex:invalid destination label name in label_replace\(\): .

            eval instant at 0 label_replace(x, "d", "\xff", "a", "b")
              expect fail msg:invalid label value in label_replace(): "\xff"

            # What is not used does no harm.
            eval instant at 0 label_replace(x, "d", "\xff", "a", "z")
              x{a="b",v="1"} 1
              x{a="c",v="2"} 2

            # No series has a label of such a name, so its value is empty.
            eval instant at 0 label_replace(x, "d", "none", "\xff", "")
              x{a="b",d="none",v="1"} 1
              x{a="c",d="none",v="2"} 2

            eval instant at 0 label_replace(x, "d", "e", "a", "\xff")
              expect fail regex:invalid regular expression in label_replace\(\): .

            eval instant at 0 label_join(x, "d\xff", "-", "a", "v")
              expect fail regex:invalid destination label name in label_join\(\): d.

            eval instant at 0 label_join(x, "d", "-", "a\xff", "v")
              expect fail regex:invalid source label name in label_join\(\): a.

            eval instant at 0 label_join(x, "d", "\xff", "a", "v")
              expect fail msg:invalid label value in label_join(): "\xff"

            eval instant at 0 label_join(x, "d", "\xff", "a")
              x{a="b",d="b",v="1"} 1
              x{a="c",d="c",v="2"} 2

            eval instant at 0 sort_by_label(x, "\xff", "v")
              expect ordered
              x{a="b",v="1"} 1
              x{a="c",v="2"} 2
            """#.replacing("`aXXz`", with: "\"a\\xe2\\x82z\""))

    private static let notANumber = ConformanceScript(
        topic: "NaN in windows, medians and orders",
        text: """
            load 10s
              m 1 2 NaN 4 8
              n{i="1"} NaN
              n{i="2"} 3
              n{i="3"} 1
              all NaN NaN NaN

            eval instant at 40s mad_over_time(m[50s])
              {} NaN

            eval instant at 10s mad_over_time(m[20s])
              {} 0.5

            eval instant at 20s mad_over_time(all[30s])
              {} NaN

            eval range from 10s to 40s step 10s mad_over_time(m[20s])
              {} 0.5 NaN NaN 2

            # The quantile takes NaN for the smallest value.
            eval instant at 40s quantile_over_time(0.5, m[50s])
              {} 2

            eval instant at 40s quantile_over_time(0, m[50s])
              {} NaN

            eval instant at 0 quantile(0.5, n)
              {} 1

            eval instant at 0 quantile(NaN, n)
              expect warn
              {} NaN

            eval instant at 40s min_over_time(m[50s])
              {} 1

            eval instant at 40s max_over_time(m[50s])
              {} 8

            eval instant at 20s max_over_time(all[30s])
              {} NaN

            eval instant at 40s sum_over_time(m[50s])
              {} NaN

            eval instant at 0 sort(n)
              expect ordered
              n{i="3"} 1
              n{i="2"} 3
              n{i="1"} NaN

            eval instant at 0 sort_desc(n)
              expect ordered
              n{i="2"} 3
              n{i="3"} 1
              n{i="1"} NaN

            eval instant at 0 topk(2, n)
              expect ordered
              n{i="2"} 3
              n{i="3"} 1

            eval instant at 0 bottomk(3, n)
              expect ordered
              n{i="3"} 1
              n{i="2"} 3
              n{i="1"} NaN

            eval instant at 0 min(n)
              {} 1

            eval instant at 0 max(n)
              {} 3
            """)

    private static let nanObservations = ConformanceScript(
        topic: "native histograms that counted NaN",
        text: """
            load 1m
              h{nan="some"} {{schema:0 count:10 sum:NaN buckets:[2 4 2]}}
              h{nan="all"} {{schema:0 count:3 sum:NaN}}
              h{nan="none"} {{schema:0 count:8 sum:20 buckets:[2 4 2]}}
              infinite {{schema:0 count:8 sum:NaN buckets:[2 4 2]}}
              custom {{schema:-53 count:10 sum:NaN custom_values:[0 2] buckets:[4 2 2]}}

            eval instant at 0 histogram_fraction(-Inf, +Inf, h)
              expect info msg:PromQL info: input to histogram_fraction has NaN observations, which are excluded from all fractions for metric name "h" (1:32)
              {nan="some"} 0.8
              {nan="all"} 0
              {nan="none"} 1

            eval instant at 0 histogram_fraction(0, 1000, h{nan="some"})
              expect info
              {nan="some"} 0.8

            # The sum is NaN for infinite observations of both signs, too; these are in buckets.
            eval instant at 0 histogram_fraction(-Inf, +Inf, infinite)
              expect no_info
              {} 1

            eval instant at 0 histogram_quantile(1, infinite)
              expect no_info
              {} 4

            eval instant at 0 histogram_fraction(-Inf, +Inf, custom)
              expect info
              {} 0.8

            # Nothing is said where nothing is worked out.
            eval instant at 0 histogram_fraction(1, 1, h{nan="some"})
              expect no_info
              {nan="some"} 0

            eval instant at 0 histogram_fraction(NaN, 1, h{nan="some"})
              expect no_info
              {nan="some"} NaN

            eval instant at 0 histogram_quantile(0.5, h{nan="some"})
              expect info msg:PromQL info: input to histogram_quantile has NaN observations, result is skewed higher for metric name "h" (1:25)
              {nan="some"} 1.6817928305074292

            eval instant at 0 histogram_quantile(0.9, h{nan="some"})
              expect info msg:PromQL info: input to histogram_quantile has NaN observations, result is NaN for metric name "h" (1:25)
              {nan="some"} NaN

            # A first custom bucket that ends at 0 gives its bound, whatever the share.
            eval instant at 0 histogram_quantile(0.1, custom)
              expect no_info
              {} 0
            """)

    private static let trimming = ConformanceScript(
        topic: "trimming at the outermost custom buckets",
        text: """
            load 1m
              first_above {{schema:-53 count:101 sum:33 custom_values:[5] buckets:[1 100]}}
              first_below {{schema:-53 count:101 sum:33 custom_values:[-5] buckets:[1 100]}}
              last_only {{schema:-53 count:100 sum:33 custom_values:[5] offset:1 buckets:[100]}}
              zero {{schema:0 count:10 sum:5 z_bucket:4 z_bucket_w:0.5 buckets:[2 4]}}

            # Where the observations of the first bucket lie is not known when the bound is below 0.
            eval instant at 0 first_above >/ -10
              first_above {{schema:-53 count:100 sum:500 custom_values:[5] offset:1 buckets:[100]}}

            # From 0 on they are taken to lie between 0 and the upper bound.
            eval instant at 0 first_above >/ 0
              first_above {{schema:-53 count:101 sum:33 custom_values:[5] buckets:[1 100]}}

            eval instant at 0 first_above >/ 1
              first_above {{schema:-53 count:100.8 sum:502.4 custom_values:[5] buckets:[0.8 100]}}

            eval instant at 0 first_above >/ -Inf
              first_above {{schema:-53 count:101 sum:33 custom_values:[5] buckets:[1 100]}}

            eval instant at 0 first_above </ 1
              first_above {{schema:-53 count:0.2 sum:0.1 custom_values:[5] buckets:[0.2]}}

            eval instant at 0 first_above </ -1
              first_above {{schema:-53 custom_values:[5]}}

            eval instant at 0 first_below >/ -10
              first_below {{schema:-53 count:100 sum:-500 custom_values:[-5] offset:1 buckets:[100]}}

            eval instant at 0 first_below >/ -5
              first_below {{schema:-53 count:100 sum:-500 custom_values:[-5] offset:1 buckets:[100]}}

            eval instant at 0 first_below </ -10
              first_below {{schema:-53 count:1 sum:-10 custom_values:[-5] buckets:[1]}}

            # Nothing is taken away, so nothing is estimated.
            eval instant at 0 last_only >/ 10
              last_only {{schema:-53 count:100 sum:33 custom_values:[5] offset:1 buckets:[100]}}

            eval instant at 0 first_above >/ NaN
              first_above {{schema:-53 custom_values:[5]}}

            eval instant at 0 zero >/ 0
              zero {{schema:0 count:10 sum:5 z_bucket:4 z_bucket_w:0.5 buckets:[2 4]}}

            eval instant at 0 zero >/ 0.25
              zero {{schema:0 count:8 sum:7.821067811865475 z_bucket:2 z_bucket_w:0.5 buckets:[2 4]}}
            """)

    private static let joinErrors = ConformanceScript(
        topic: "what a join can't do",
        text: """
            load 1m
              m{a="1",i="1"} 1
              m{a="1",i="2"} 5
              o{a="1",i="z"} 3
              p{a="1",j="x"} 3
              p{a="1",j="y"} 4
              {"odd name",a="1",j="z"} 4
              {__name__="u",a="1",b="y"} 1
              {__name__="v",a="1",b="y"} 1
              target_info{instance="i",job="j",v="1"} 1
              target_info{instance="i",job="j",v="2"} 1
              up{instance="i",job="j"} 1

            eval instant at 0 o == on(a) p
              expect fail msg:found duplicate series for the match group {a="1"} on the right hand-side of the operation: [{__name__="p", a="1", j="x"}, {__name__="p", a="1", j="y"}];many-to-many matching not allowed: matching labels must be unique on one side

            eval instant at 0 p * on(a) group_right() o
              expect fail msg:found duplicate series for the match group {a="1"} on the left hand-side of the operation: [{__name__="p", a="1", j="x"}, {__name__="p", a="1", j="y"}];many-to-many matching not allowed: matching labels must be unique on one side

            eval instant at 0 o + on() {__name__=~"p|odd name",j=~"y|z"}
              expect fail msg:found duplicate series for the match group {} on the right hand-side of the operation: [{__name__="odd name", a="1", j="z"}, {__name__="p", a="1", j="y"}];many-to-many matching not allowed: matching labels must be unique on one side

            eval instant at 0 o + ignoring(i, j) (p * 2)
              expect fail regex:found duplicate series for the match group \\{a="1"\\} on the right hand-side of the operation: \\[\\{__name__="p", a="1", j="x"\\}, .*

            eval instant at 0 m + on(a) o
              expect fail msg:multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)

            # Elements that the comparison filters out count, too: the match is what is not unique.
            eval instant at 0 m > on(a) o
              expect fail msg:multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)

            eval instant at 0 m > on(a) group_left(i) o
              expect fail msg:multiple matches for labels: grouping labels must ensure unique matches

            eval range from 0 to 1m step 1m m > on(a) group_left(i) o
              expect fail msg:multiple matches for labels: grouping labels must ensure unique matches

            eval instant at 0 o < on(a) group_right(i) m
              expect fail msg:multiple matches for labels: grouping labels must ensure unique matches

            eval instant at 0 m + on(a) group_left(i) o
              expect fail msg:multiple matches for labels: grouping labels must ensure unique matches

            eval instant at 0 m > on(a) group_left() o
              m{a="1",i="2"} 5

            eval instant at 0 info(up)
              expect fail msg:found duplicate series for info metric: existing {__name__="target_info", instance="i", job="j", v="1"} @ 0, new {__name__="target_info", instance="i", job="j", v="2"} @ 0
            """)

    private static let fills = ConformanceScript(
        topic: "a pair that the operator does not take is no match",
        text: """
            load 1m
              f{a="1"} 1
              f{a="2"} 2
              h{a="1"} {{schema:0 count:4 sum:8 buckets:[2 2]}}
              h{a="2"} {{schema:0 count:4 sum:8 buckets:[2 2]}}

            # 1 + histogram has no result, so the histogram is filled up on the left, and that has none either.
            eval instant at 0 f + fill(3) h
              expect info

            # histogram > 1 has no result. The float on the right has had no match: 7 > 1 and 7 > 2.
            eval instant at 0 h > fill_left(7) f
              expect info
              {a="1"} 7
              {a="2"} 7

            eval instant at 0 h > on(a) group_left() fill_left(7) f
              expect info
              {a="1"} 7
              {a="2"} 7

            # What a comparison filters out was a match, and is not filled.
            eval instant at 0 f > fill_left(7) (f * 2)
              expect no_info

            # Two pairs that do not go together are no two matches.
            eval instant at 0 h + on() f{a="1"}
              expect info
            """)

    private static let overlaps = ConformanceScript(
        topic: "one warning, however often it occurs",
        text: """
            load 1m
              c_total{i="1"}@st _ _ -2m -2m -2m
              c_total{i="1"} _ _ 60 120 180
              c_total{i="2"}@st _ _ -2m -2m -2m
              c_total{i="2"} _ _ 60 120 180
              h@st _ _ -2m -2m -2m
              h _ _ {{schema:0 count:1 sum:1 buckets:[1]}}+{{schema:0 count:1 sum:1 buckets:[1]}}x2
              x{i="1"} 1 2 3 4 5
              x{i="2"} 1 2 3 4 5

            eval instant at 4m rate(c_total{i="1"}[3m])
              expect warn msg:PromQL warning: sample has start time that overlaps with previous sample timestamp for metric "c_total" (1:6)
              {i="1"} 1

            eval instant at 4m sum(increase(c_total[3m]))
              expect warn msg:PromQL warning: sample has start time that overlaps with previous sample timestamp for metric "c_total" (1:14)
              {} 360

            eval range from 3m to 4m step 30s sum(rate(c_total[3m]))
              expect warn msg:PromQL warning: sample has start time that overlaps with previous sample timestamp for metric "c_total" (1:10)
              {} 1 1.3333333333333333 2

            eval instant at 4m histogram_count(increase(h[3m]))
              expect warn msg:PromQL warning: sample has start time that overlaps with previous sample timestamp for metric "h" (1:26)
              {} 3

            # Only functions that add up over a window look out for it.
            eval instant at 4m irate(c_total[3m])
              expect no_warn
              {i="1"} 1
              {i="2"} 1

            eval instant at 4m resets(c_total[3m])
              expect no_warn
              {i="1"} 0
              {i="2"} 0

            # Equal texts of several expressions are one, at the place of the last.
            eval range from 0 to 2m step 1m quantile(2, x) - quantile(2, x)
              expect warn msg:PromQL warning: quantile value should be between 0 and 1, got 2 (1:27)
              {} NaN NaN NaN

            eval range from 0 to 4m step 1m sum by (i) (rate(x[2m]))
              expect info msg:PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "x" (1:18)
              {i="1"} _ 0.016666666666666666 0.016666666666666666 0.016666666666666666 0.016666666666666666
              {i="2"} _ 0.016666666666666666 0.016666666666666666 0.016666666666666666 0.016666666666666666
            """)

    private static let startTimes = ConformanceScript(
        topic: "start times",
        text: """
            load 10s
              s{i="1"}@st _ -1s -2s
              s{i="1"} 1 2 3

            eval instant at 20s start_timestamp(s)
              {i="1"} 18

            eval instant at 20s start_timestamp((s))
              {i="1"} 18

            eval instant at 20s start_timestamp(s * 1)

            eval instant at 20s start_timestamp(sum(s))

            eval instant at 20s start_timestamp(vector(1))

            eval instant at 20s start_timestamp(-s)

            # The argument is evaluated all the same.
            eval instant at 20s start_timestamp(quantile(2, s))
              expect warn

            eval range from 0 to 20s step 10s start_timestamp(s or s)
            """)
}
