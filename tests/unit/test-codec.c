/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec.h"
#include "test.h"

static void test_static(void **state)
{
        static const struct {
                uint8_t payload_type;
                const char *name; /* NULL: reserved or unassigned */
                uint32_t clock_hz;
                bool audio;
        } cases[] = {
                {0, "PCMU", 8000, true},    {1, NULL, 0, false},        {2, NULL, 0, false},
                {3, "GSM", 8000, true},     {4, "G723", 8000, true},    {5, "DVI4", 8000, true},
                {6, "DVI4", 16000, true},   {7, "LPC", 8000, true},     {8, "PCMA", 8000, true},
                {9, "G722", 8000, true},    {10, "L16", 44100, true},   {11, "L16", 44100, true},
                {12, "QCELP", 8000, true},  {13, "CN", 8000, true},     {14, "MPA", 90000, true},
                {15, "G728", 8000, true},   {16, "DVI4", 11025, true},  {17, "DVI4", 22050, true},
                {18, "G729", 8000, true},   {19, NULL, 0, false},       {24, NULL, 0, false},
                {25, "CelB", 90000, false}, {26, "JPEG", 90000, false}, {27, NULL, 0, false},
                {28, "nv", 90000, false},   {30, NULL, 0, false},       {31, "H261", 90000, false},
                {32, "MPV", 90000, false},  {33, "MP2T", 90000, false}, {34, "H263", 90000, false},
                {35, NULL, 0, false},       {72, NULL, 0, false},       {95, NULL, 0, false},
                {127, NULL, 0, false},      {128, NULL, 0, false},      {255, NULL, 0, false},
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const struct codec *codec = codec_find(cases[i].payload_type, 0);

                assert_int_equal(codec_static_clock(cases[i].payload_type), cases[i].clock_hz);
                if (!cases[i].name) {
                        assert_null(codec);
                        continue;
                }
                assert_non_null(codec);
                assert_string_equal(codec->name, cases[i].name);
                assert_int_equal(codec->clock_hz, cases[i].clock_hz);
                assert_int_equal(codec->audio, cases[i].audio);
        }
}

static void test_dynamic(void **state)
{
        for (unsigned pt = 0; pt < 256; pt++) {
                const struct codec *codec = codec_find((uint8_t)pt, 48000);
                bool dynamic = (pt >= 35 && pt <= 63) || (pt >= 96 && pt <= 127);

                assert_int_equal(codec && streq(codec->name, "opus"), dynamic);
        }
        assert_null(codec_find(111, 0));
        assert_null(codec_find(111, 8000));
        assert_null(codec_find(96, 90000));
        /* a static type's name does not depend on the inferred clock */
        assert_string_equal(codec_find(0, 48000)->name, "PCMU");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_static),
                cmocka_unit_test(test_dynamic),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
