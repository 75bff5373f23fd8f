"""Allergens by code, so that a tablet in one language shows what a colleague recorded in the other.

The first fourteen are those of Regulation (EU) 1169/2011, annex II; then what staff meet beside them. Narrow ones have
codes of their own: who may not eat walnuts may eat almonds. What has no code stays as it was typed.
"""

from __future__ import annotations

import re
from functools import lru_cache

from reader_drivers.texts import folded

# code: what it is called in zh-CN and in en (as the console says it), and what else people type
ALLERGENS: dict[str, tuple[str, ...]] = {
    "gluten": ("麸质", "Gluten", "面筋"),
    "crustaceans": ("甲壳类", "Crustaceans", "crustacean", "甲壳类动物"),
    "eggs": ("鸡蛋", "Eggs", "egg", "蛋", "蛋类"),
    "fish": ("鱼", "Fish", "鱼类"),
    "peanuts": ("花生", "Peanuts", "peanut", "groundnuts", "花生米"),
    "soy": ("大豆", "Soy", "soya", "soybean", "soybeans", "soya beans", "黄豆", "豆制品"),
    "milk": ("牛奶", "Milk", "dairy", "cow's milk", "奶", "奶制品", "乳制品"),
    "nuts": ("坚果", "Nuts", "nut", "tree nuts", "tree nut", "坚果类"),
    "celery": ("芹菜", "Celery"),
    "mustard": ("芥末", "Mustard", "芥子"),
    "sesame": ("芝麻", "Sesame", "sesame seeds"),
    "sulphites": ("亚硫酸盐", "Sulphites", "sulfites", "sulphur dioxide", "sulfur dioxide", "二氧化硫"),
    "lupin": ("羽扇豆", "Lupin", "lupine"),
    "molluscs": ("软体动物", "Molluscs", "mollusks", "mollusc"),
    "seafood": ("海鲜", "Seafood", "海产", "海产品"),
    "shellfish": ("贝类", "Shellfish", "贝壳类"),
    "shrimp": ("虾", "Shrimp", "shrimps", "prawn", "prawns", "虾类"),
    "crab": ("蟹", "Crab", "crabs", "螃蟹"),
    "wheat": ("小麦", "Wheat"),
    "buckwheat": ("荞麦", "Buckwheat"),
    "lactose": ("乳糖", "Lactose", "lactose intolerance", "lactose intolerant", "乳糖不耐", "乳糖不耐受"),
    "walnuts": ("核桃", "Walnuts", "walnut"),
    "almonds": ("杏仁", "Almonds", "almond"),
    "cashews": ("腰果", "Cashews", "cashew", "cashew nuts"),
    "hazelnuts": ("榛子", "Hazelnuts", "hazelnut"),
    "pistachios": ("开心果", "Pistachios", "pistachio"),
    "mango": ("芒果", "Mango", "mangos", "mangoes"),
    "strawberries": ("草莓", "Strawberries", "strawberry"),
    "kiwi": ("猕猴桃", "Kiwi", "kiwi fruit", "kiwifruit", "奇异果"),
    "peach": ("桃子", "Peach", "peaches", "桃"),
    "pineapple": ("菠萝", "Pineapple", "凤梨"),
    "mushrooms": ("蘑菇", "Mushrooms", "mushroom", "菌菇"),
    "garlic": ("大蒜", "Garlic", "蒜"),
    "chilli": ("辣椒", "Chilli", "chili", "chilies", "chillies"),
    "coriander": ("香菜", "Coriander", "cilantro"),
    "honey": ("蜂蜜", "Honey"),
    "alcohol": ("酒精", "Alcohol"),
    "penicillin": ("青霉素", "Penicillin", "盘尼西林"),
    "aspirin": ("阿司匹林", "Aspirin"),
    "latex": ("乳胶", "Latex"),
    "pollen": ("花粉", "Pollen"),
    "dust_mites": ("尘螨", "Dust mites", "dust mite", "螨虫"),
    "cats": ("猫", "Cats", "cat", "cat hair", "猫毛"),
    "dogs": ("狗", "Dogs", "dog", "dog hair", "狗毛"),
    "perfume": ("香水", "Perfume", "perfumes", "fragrance", "fragrances", "香精"),
    "bee_stings": ("蜂毒", "Bee stings", "bee sting", "bees", "蜜蜂", "蜂蜇"),
}

_AROUND = re.compile(r"^(?:allergic to|an allergy to|对)\s*|\s*(?:allergy|allergies|过敏)[.。!！]?$")


def _plain(text: str) -> str:
    return folded(text)


_CODES = {_plain(name): code for code, names in ALLERGENS.items() for name in (code, *names)}


@lru_cache(maxsize=4096)
def code_of(text: str) -> str | None:
    """The code of the one allergen that these words name, in either language; None for anything else."""
    plain = _plain(text)
    return _CODES.get(plain) or _CODES.get(_AROUND.sub("", plain))
