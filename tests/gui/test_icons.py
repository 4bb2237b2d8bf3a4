#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Icons and pictures of the panel.

The icons are what freedesktop.org's icon themes and GTK want: SVG, square, drawn inside
their square at every size; the symbolic one of 16 pixels and in one colour, which GTK
replaces by the text's."""

import os
import re
import sys
import unittest
import xml.etree.ElementTree as ET

import desktop

try:
    import gi

    gi.require_version("GdkPixbuf", "2.0")
    from gi.repository import GdkPixbuf, GLib
except (ImportError, ValueError):
    desktop.skip("needs python3-gi and gir1.2-gdkpixbuf-2.0")

ICONS = os.path.join(desktop.SOURCE, "gui", "icons")
SVG = "{http://www.w3.org/2000/svg}"
PAINTS = ("fill", "stroke", "stop-color", "color")
OPACITIES = ("opacity", "fill-opacity", "stroke-opacity")
# What no icon may have: it would be drawn differently elsewhere, or ask for other files.
FOREIGN = ("image", "text", "script", "foreignObject", "style")


def elements(name):
    return list(ET.parse(os.path.join(ICONS, name)).iter())


def draw(name, size):
    try:
        return GdkPixbuf.Pixbuf.new_from_file_at_size(os.path.join(ICONS, name), size, size)
    except GLib.Error as error:
        if error.matches(GdkPixbuf.pixbuf_error_quark(), GdkPixbuf.PixbufError.UNKNOWN_TYPE):
            desktop.skip("needs librsvg2-common")
        raise


class IconsTest(unittest.TestCase):
    def check(self, name, side, sizes):
        root, *below = elements(name)
        self.assertEqual(root.tag, SVG + "svg")
        self.assertEqual((root.get("width"), root.get("height"), root.get("viewBox")),
                         (str(side), str(side), f"0 0 {side} {side}"))
        for element in below:
            self.assertTrue(element.tag.startswith(SVG), element.tag)
            self.assertNotIn(element.tag[len(SVG):], FOREIGN)
            for key, value in element.attrib.items():
                self.assertNotIn("href", key)
                self.assertNotRegex(value, r"url\((?!#)")
        for size in sizes:
            picture = draw(name, size)
            self.assertEqual((picture.get_width(), picture.get_height(), picture.get_has_alpha()), (size, size, True))
            pixels, row = picture.get_pixels(), picture.get_rowstride()
            opaque = sum(pixels[y * row + 4 * x + 3] > 127 for y in range(size) for x in range(size))
            # Something of a shape can be seen, and it does not fill its square.
            self.assertGreater(opaque, 0.1 * size * size, size)
            self.assertLess(opaque, 0.9 * size * size, size)

    def test_the_icon(self):
        self.check("org.p2s.Panel.svg", 128, (32, 48, 64, 128, 256, 512))

    def test_the_symbolic_icon(self):
        name = "org.p2s.Panel-symbolic.svg"
        self.check(name, 16, (16, 24, 32, 64))
        colours = set()
        for element in elements(name):
            self.assertFalse({"style", "class", *OPACITIES} & set(element.attrib), element.attrib)
            colours |= {element.get(paint) for paint in PAINTS if element.get(paint) not in (None, "none")}
        self.assertEqual(len(colours), 1, colours)
        self.assertRegex(colours.pop(), re.compile(r"^#[0-9a-f]{6}$"))

    def test_the_pictures_that_the_metainfo_names_are_there(self):
        tree = ET.parse(os.path.join(desktop.SOURCE, "gui", "org.p2s.Panel.metainfo.xml.in"))
        urls = [image.text for image in tree.iter("image")]
        self.assertGreater(len(urls), 0)
        for url in urls:
            self.assertTrue(url.startswith("https://"), url)
            picture = GdkPixbuf.Pixbuf.new_from_file(os.path.join(desktop.SOURCE, "docs", "images", os.path.basename(url)))
            # Software centres want them large enough to be of use.
            self.assertGreaterEqual(picture.get_width(), 620, url)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[1:]])
