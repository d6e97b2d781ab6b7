"""In what words do people propose projects and report needs? Patterns of Russian titles, some with an English twin.

Places in a pattern: `{house}` "ул. Садовая, 12" · `{at}` "на Садовой, 12" · `{where}` "на улице Садовой" · `{along}`
"по улице Садовой" · `{of}` "улицы Садовой" · `{near}` "у школы № 7" · `{quarter}` "в микрорайоне «Космос»". `[a|b]`
is one of the words; the English twin takes the word at the same place. The city is invented, the cares are not.
"""
# ruff: noqa: E501 - lists of words and pairs of titles read better unbroken

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from geo.demo.city.names import latin

Pattern = tuple[str, str]


@dataclass(frozen=True)
class Spot:
    """The words for one place, in Russian and English."""

    house: str
    at: str
    where: str
    along: str
    of: str
    near: str
    quarter: str
    on_en: str
    along_en: str
    house_en: str
    near_en: str
    quarter_en: str

    def words(self) -> dict[str, str]:
        """Values of the places in a Russian pattern."""
        return {name: getattr(self, name) for name in ("house", "at", "where", "along", "of", "near", "quarter")}

    def words_en(self) -> dict[str, str]:
        """Values of the places in an English pattern."""
        return {
            "house": self.house_en, "at": f"at {self.house_en}", "where": self.on_en, "along": self.along_en,
            "near": self.near_en, "quarter": self.quarter_en,
        }  # fmt: skip


def quarter_words(name: str) -> tuple[str, str]:
    """A microdistrict in a sentence: ("в микрорайоне «Космос»", "in the Kosmos microdistrict")."""
    if name[0].isdigit():
        number = name.split("-")[0]
        return f"{'во' if number == '2' else 'в'} {number}-м микрорайоне", f"in microdistrict no. {number}"
    return f"в микрорайоне «{name}»", f"in the {latin(name)} microdistrict"


def say(chance: random.Random, pattern: Pattern, spot: Spot) -> tuple[str, str]:
    """A title and its English twin (empty when the pattern has none)."""
    picks: list[int] = []

    def choose(found: re.Match[str]) -> str:
        options = found.group(1).split("|")
        picks.append(chance.randrange(len(options)))
        return options[picks[-1]]

    russian = re.sub(r"\[([^\]]+)\]", choose, pattern[0]).format(**spot.words())
    same = iter(picks)
    english = re.sub(r"\[([^\]]+)\]", lambda found: found.group(1).split("|")[next(same)], pattern[1])
    return russian[0].upper() + russian[1:], english.format(**spot.words_en()) if english else ""


# words that only fit blocks of flats, and words that only fit private houses and villages
FLATS = re.compile(
    r"подъезд(?! к)|лифт|батаре|кровл|крыша|фасад|балкон|отоплени|домофон|подвал|отмостк|в доме|под окнами|двор", re.I
)
HOUSES = re.compile(r"частного сектора|газ(?!он)|колодец|колонк|водоразборн|летний водопровод|скважин|щебнем|дровами|опашк|носим воду|"
                    r"фельдшер|по обочине|грязь|не проехать|кладбищ|пожарной дружины|полосы?|трава|отсып", re.I)  # fmt: skip


def fitting(patterns: Sequence[Pattern], use: str) -> Sequence[Pattern]:
    """The patterns that make sense on this kind of land."""
    unfit = FLATS if use in ("private", "village", "dacha", "industry") else HOUSES
    return [pattern for pattern in patterns if not unfit.search(pattern[0])] or patterns


PROJECTS: dict[str, tuple[Pattern, ...]] = {
    "landscaping": (
        ("Благоустройство двора по адресу {house}", "Courtyard of {house} put in order"),
        ("Сквер {near}", "A small park {near}"),
        ("Пешеходная аллея {where}", "A walking alley {where}"),
        ("Озеленение и скамейки {near}", "Greenery and benches {near}"),
        ("Двор без луж {at}", "A yard without puddles {at}"),
        ("Обновление сквера {near}", ""),
        ("Тихий двор для старших {quarter}", "A quiet yard for the elderly {quarter}"),
        ("Площадь для праздников {quarter}", "A place for celebrations {quarter}"),
        ("Комплексное благоустройство дворов {quarter}, [1|2|3]-й этап", "Yards {quarter}, stage [1|2|3]"),
        ("Живая изгородь {along}", ""),
        ("Парковочные карманы и новый газон {at}", ""),
        (
            "Зелёный двор: [липы|рябины|клёны|яблони] и цветники {at}",
            "A green yard: [limes|rowans|maples|apple trees] {at}",
        ),
        ("Лестница и перила на склоне {near}", "Stairs and handrails on the slope {near}"),
        ("Благоустройство пустыря {near}", "The vacant lot {near} becomes a park"),
        ("Место отдыха с [беседкой|навесом|качелями] {where}", "A place to rest with a [gazebo|canopy|swing] {where}"),
        ("Цветущая улица: вазоны и клумбы {where}", "A street in bloom {where}"),
        ("Сад [памяти|первоклассников|молодожёнов] {near}", "Garden of [memory|first-graders|newly-weds] {near}"),
        ("Ремонт дворового проезда и тротуаров {at}", ""),
        ("Входная группа и освещение аллеи {near}", ""),
        ("Контейнерная площадка с навесом {at}", "A covered waste-bin area {at}"),
        ("Общественный сад {quarter}", "A common garden {quarter}"),
        ("Пруд и тропинка вокруг него {quarter}", "The pond and a path around it {quarter}"),
        ("Смотровая площадка {where}", "A viewpoint {where}"),
        ("Въездной знак и клумба {quarter}", "Entrance sign and flower bed {quarter}"),
        ("Уголок тишины: скамьи и кусты сирени {where}", "A quiet corner with lilac {where}"),
        ("Место для сходов и праздников {quarter}", "A place for gatherings {quarter}"),
        ("Ремонт сквера, до которого не доходили руки с [1987|1993|2001] года, {where}", ""),
        ("Деревянные настилы к роднику {quarter}", "Wooden walkway to the spring {quarter}"),
        ("Второе дыхание сквера {near}", "A second breath for the park {near}"),
    ),
    "playgrounds_sports_grounds": (
        ("Детская площадка во дворе {house}", "Playground in the yard of {house}"),
        ("Спортивная площадка {near}", "Sports ground {near}"),
        (
            "Площадка для [воркаута|баскетбола|мини-футбола|волейбола] {quarter}",
            "[Workout area|Basketball court|Five-a-side pitch|Volleyball court] {quarter}",
        ),
        (
            "Игровой городок «[Кораблик|Теремок|Ракета|Лукоморье]» {where}",
            "Play town “[Ship|Cottage|Rocket|Fairy tale]” {where}",
        ),
        ("Хоккейная коробка {near}", "Ice-hockey rink {near}"),
        ("Мягкое покрытие и ограждение детской площадки {at}", ""),
        ("Тренажёры для всех возрастов {where}", "Exercise machines for all ages {where}"),
        ("Инклюзивная площадка {near}", "A playground for children of all abilities {near}"),
        ("Двор детства: качели, горка, песочница {at}", "Yard of childhood: swings, slide, sandpit {at}"),
        ("Скейт-площадка {quarter}", "Skate park {quarter}"),
        ("Замена старых горок и качелей {at}", ""),
        ("Теннисный стол и турники {where}", ""),
        ("Универсальная спортплощадка {quarter}", "All-purpose sports ground {quarter}"),
        ("Площадка для малышей {near}", "Toddlers' playground {near}"),
        ("Беговая дорожка вокруг стадиона {near}", ""),
        ("Площадка ГТО {near}", ""),
        ("Верёвочный городок {quarter}", "Rope park {quarter}"),
        ("Футбольное поле {quarter}: ворота, сетка, трава", "Football field {quarter}: goals, net, grass"),
        ("Турники и брусья {where}", "Bars {where}"),
        ("Игровая площадка для детей от трёх лет {where}", "Play area for children from three {where}"),
        ("Стритбол на месте старой стоянки {near}", "Streetball on an old car park {near}"),
        ("Освещение и трибуны спортплощадки {near}", ""),
        ("Горка, которая не ржавеет: площадка {where}", ""),
    ),
    "roads_sidewalks": (
        ("Ремонт дороги {along}", "Road repair {along}"),
        (
            "Тротуар {along} до [остановки|школы|магазина|детского сада]",
            "Sidewalk {along} to the [bus stop|school|shop|kindergarten]",
        ),
        ("Асфальтирование проезда {at}", ""),
        ("Безопасный переход {near}", "A safe crossing {near}"),
        ("Отсыпка щебнем {of}", "Gravel {where}"),
        ("Водоотводные лотки и обочины {along}", ""),
        (
            "Дорога к [кладбищу|дачам|роднику|поликлинике] {along}",
            "Road to the [cemetery|dachas|spring|clinic] {along}",
        ),
        ("Пешеходная дорожка {near}", "Footpath {near}"),
        ("Искусственная неровность и знаки {near}", ""),
        ("Велодорожка {along}", "Cycle lane {along}"),
        ("Ремонт пешеходного мостика {near}", "Repair of the footbridge {near}"),
        ("Остановочный павильон {where}", "Bus shelter {where}"),
        ("Ремонт тротуара {along}", "Sidewalk repair {along}"),
        ("Безбарьерный маршрут {quarter}: пандусы и понижения", "A step-free route {quarter}"),
        ("Сухая обувь: тротуар {where}", "Dry shoes: a sidewalk {where}"),
        ("Разворотная площадка для автобуса {quarter}", "Bus turning place {quarter}"),
        ("Перила и ступени к остановке {where}", "Handrails and steps to the stop {where}"),
        ("Обочины и кюветы {of}", ""),
        ("Пешеходный маршрут в школу {quarter}", "A walking route to school {quarter}"),
    ),
    "housing_utilities": (
        ("Замена лежаков отопления, {house}", ""),
        ("Ремонт подъездов {at}", "Repair of staircases {at}"),
        ("Утепление фасада дома {at}", "Insulation of the façade {at}"),
        ("Ремонт кровли {at}", "Roof repair {at}"),
        ("Ливневая канализация {along}", "Storm drain {along}"),
        ("Пандус к подъезду, {house}", "Ramp to the entrance, {house}"),
        ("Домофоны и видеонаблюдение {at}", "Entry phones and cameras {at}"),
        ("Новая контейнерная площадка {where}", ""),
        ("Ремонт отмостки и цоколя {at}", ""),
        ("Газификация домов {where}", "Gas supply for houses {where}"),
        ("Раздельный сбор отходов {quarter}", "Separate waste collection {quarter}"),
        ("Замена труб холодной воды, {house}", ""),
    ),
    "water_supply": (
        ("Водопровод {along}", "Water main {along}"),
        ("Замена водоразборных колонок {where}", "New street pumps {where}"),
        ("Ремонт общественного колодца {where}", "Repair of the public well {where}"),
        ("Скважина и водонапорная башня {quarter}", "Borehole and water tower {quarter}"),
        ("Летний водопровод {along}", "Summer water line {along}"),
        ("Закольцовка водопровода {where}", ""),
        ("Станция очистки воды {near}", "Water treatment point {near}"),
        ("Обустройство родника {near}", "The spring {near} put in order"),
    ),
    "street_lighting": (
        ("Освещение {of}", "Street lights {where}"),
        ("Светлый двор {at}", "A well-lit yard {at}"),
        ("Фонари вдоль дорожки {near}", "Lamps along the path {near}"),
        ("Светодиодные светильники {along}", "LED street lamps {along}"),
        ("Освещение перехода {near}", "Lighting of the crossing {near}"),
        ("Свет на школьном маршруте {quarter}", "Light on the way to school {quarter}"),
        ("Подсветка аллеи {near}", ""),
        ("Уличное освещение частного сектора {quarter}", "Lights for private houses {quarter}"),
    ),
    "fire_safety": (
        ("Пожарный водоём {where}", "Fire pond {where}"),
        ("Подъезд к пожарному гидранту {where}", "Access to the fire hydrant {where}"),
        ("Автономные дымовые извещатели для многодетных {quarter}", "Smoke alarms for large families {quarter}"),
        (
            "Мотопомпа для добровольной пожарной дружины {quarter}",
            "Motor pump for the volunteer fire brigade {quarter}",
        ),
        ("Минерализованная полоса и опашка {quarter}", ""),
        ("Система оповещения жителей {quarter}", "Public warning system {quarter}"),
        ("Пожарные гидранты {along}", "Fire hydrants {along}"),
    ),
    "municipal_equipment": (
        ("Мини-трактор для уборки снега {quarter}", "Small snow tractor {quarter}"),
        ("Мотоблок и триммеры для ТОС {quarter}", ""),
        ("Снегоуборщик для дворов {where}", "Snow blower for the yards {where}"),
        ("Газонокосилка и инвентарь для субботников {quarter}", "Mower and tools for clean-ups {quarter}"),
        ("Контейнеры для веток {where}", ""),
    ),
    "cultural_heritage": (
        ("Реставрация ворот купеческой усадьбы {where}", "Restoration of the merchant's gate {where}"),
        (
            "Памятный знак [речникам|учителям|ополченцам|строителям моста] {near}",
            "Memorial to the [rivermen|teachers|militia|bridge builders] {near}",
        ),
        ("Ремонт обелиска {where}", "Repair of the obelisk {where}"),
        ("Деревянное кружево: наличники {of}", "Wooden lace: window frames {where}"),
        ("Том Сойер Фест {where}", "Volunteers repair old houses {where}"),
        (
            "Маршрут «[Улицы помнят|Старый посад|Купеческая верста]» {where}",
            "Trail “[The streets remember|The old posad|The merchants' mile]” {where}",
        ),
        ("Восстановление часовни {where}", "Restoration of the chapel {where}"),
        ("Информационные таблички на домах {of}", ""),
        ("Благоустройство братской могилы {near}", ""),
    ),
    "culture_leisure": (
        ("Летняя сцена {near}", "Summer stage {near}"),
        ("Летний кинотеатр {near}", "Open-air cinema {near}"),
        ("Соседский центр {quarter}", "Neighbourhood centre {quarter}"),
        (
            "Фестиваль двора «[Наша улица|Соседи|Слобода поёт]» {where}",
            "Yard festival “[Our street|Neighbours|The sloboda sings]” {where}",
        ),
        ("Новые книги и мебель: читальня {near}", "New books and furniture: reading room {near}"),
        ("Костюмы для ансамбля {near}", "Costumes for the ensemble {near}"),
        ("Мастерская [гончаров|ремёсел|игрушки] {near}", "[Potters'|Crafts|Toy] workshop {near}"),
        ("Музыкальные вечера {near}", "Evenings of music {near}"),
        ("Новая крыша клуба {quarter}", "A new roof for the club {quarter}"),
        ("Танцплощадка {near}", "Dance floor {near}"),
        ("Молодёжное пространство «[Точка|Чердак|Берег]» {quarter}", "Youth space “[Point|Attic|Shore]” {quarter}"),
    ),
    "environment": (
        ("Чистый берег: уборка и урны {quarter}", "A clean shore {quarter}"),
        ("Посадка [лип|сосен|сирени|клёнов] {along}", "Planting [limes|pines|lilac|maples] {along}"),
        ("Расчистка русла ручья {near}", "Clearing the brook {near}"),
        ("Ликвидация свалки {where}", "Removal of the dump {where}"),
        ("Пункт приёма вторсырья {near}", "Recycling point {near}"),
        ("Экотропа {near}", "Nature trail {near}"),
        ("Скворечники и кормушки {near}", "Nest boxes and feeders {near}"),
        ("Школьный экоотряд {near}", ""),
        ("Очистка пруда {quarter}", "Cleaning the pond {quarter}"),
        ("Площадка для выгула собак {quarter}", "Dog-walking area {quarter}"),
    ),
    "social_support": (
        ("Пункт проката средств реабилитации {near}", "Rental of mobility aids {near}"),
        ("Продуктовая помощь одиноким {quarter}", "Food for people living alone {quarter}"),
        ("Социальное такси {quarter}", "Social taxi {quarter}"),
        ("Мастерская для молодых людей с инвалидностью {near}", "Workshop for young people with disabilities {near}"),
        (
            "Клуб «[Серебряный возраст|Надежда|Бабушкин сундук]» {near}",
            "Club “[Silver age|Hope|Granny's chest]” {near}",
        ),
        ("Ремонт квартир ветеранов силами волонтёров {quarter}", "Volunteers repair veterans' flats {quarter}"),
        ("Вещевой обмен «Добрая полка» {near}", ""),
    ),
    "sport_physical_culture": (
        (
            "Секция [самбо|настольного тенниса|бадминтона|дзюдо] для подростков {near}",
            "[Sambo|Table tennis|Badminton|Judo] for teenagers {near}",
        ),
        ("Дворовая лига по футболу {quarter}", "Yard football league {quarter}"),
        ("Лыжня здоровья {quarter}", "Ski track {quarter}"),
        ("Скандинавская ходьба {near}", "Nordic walking {near}"),
        ("Зарядка во дворе {at}", "Morning exercise in the yard {at}"),
        ("Каток своими руками {where}", "A home-made ice rink {where}"),
        ("Инвентарь для сборной двора {near}", ""),
    ),
    "tourism_healthy_lifestyle": (
        ("Туристская тропа вдоль Вязьги {quarter}", "Hiking trail along the Vyazga {quarter}"),
        ("Семейный велопробег {quarter}", "Family bicycle ride {quarter}"),
        ("Походы выходного дня {near}", "Weekend hikes {near}"),
        ("Прокат сапов и лодок {near}", ""),
    ),
    "preventive_medicine": (
        ("Школа диабета {near}", "Diabetes school {near}"),
        ("День измерения давления {quarter}", "Blood-pressure day {quarter}"),
        ("Кабинет здоровья {near}", "Health room {near}"),
        ("Выездные осмотры {quarter}", ""),
    ),
    "quality_of_life": (
        ("Компьютерные курсы для старших {near}", "Computer courses for the elderly {near}"),
        ("Скамейки «шаговой доступности» {quarter}", "A bench every 200 metres {quarter}"),
        ("Общественный огород {quarter}", "Community garden {quarter}"),
    ),
    "psychosocial_wellbeing": (
        ("Группа поддержки для родителей {near}", "Support group for parents {near}"),
        ("Подростковая гостиная {quarter}", "A living room for teenagers {quarter}"),
        ("Соседские чаепития {at}", "Neighbours' tea {at}"),
        ("Служба примирения {near}", ""),
    ),
    "healthy_environment": (
        ("Питьевые фонтанчики {near}", "Drinking fountains {near}"),
        ("Школа без рюкзака {near}", ""),
        ("Светлые классы {near}", "Well-lit classrooms {near}"),
        ("Шумозащитные посадки {along}", "Trees against noise {along}"),
    ),
    "rehabilitation": (
        ("Иппотерапия для детей {quarter}", "Riding therapy for children {quarter}"),
        ("Зал лечебной физкультуры {near}", "Physiotherapy hall {near}"),
        ("Адаптивное плавание {near}", "Adaptive swimming {near}"),
    ),
    "digital_health": (
        ("Электронная запись без очередей: киоск {near}", "Booking kiosk {near}"),
        ("Браслеты безопасности для одиноких {quarter}", "Safety bracelets for people living alone {quarter}"),
    ),
    "other": (
        ("Гостевой маршрут и навигация {quarter}", "Visitors' signs {quarter}"),
        ("Доска объявлений {where}", ""),
    ),
}

NEEDS: dict[str, tuple[Pattern, ...]] = {
    "landscaping": (
        ("Во дворе {at} нет ни одной скамейки", "Not a single bench in the yard {at}"),
        ("Аварийные тополя {where}", "Dangerous poplars {where}"),
        ("Пустырь {near} зарос бурьяном", "The lot {near} is overgrown"),
        ("Газон {near} превратили в стоянку", "The lawn {near} has become a car park"),
        ("Просим поставить урны {where}", "Please put litter bins {where}"),
        ("Лужа на весь двор {at}", "A puddle all over the yard {at}"),
        ("Нужен сквер {quarter}", "We need a park {quarter}"),
        ("Спилите сухое дерево, {house}", "Fell the dead tree, {house}"),
        ("Заброшенная клумба {near}", ""),
        ("Разрушилась лестница {near}", "The stairs {near} have collapsed"),
        ("Негде посидеть пожилым {quarter}", "Nowhere for the elderly to sit {quarter}"),
        ("К подъезду не подойти после дождя, {house}", ""),
        (
            "Двор {at} не ремонтировали [двадцать|тридцать|пятнадцать] лет",
            "The yard {at} has not been repaired for [twenty|thirty|fifteen] years",
        ),
        ("Поваленный забор {where}", ""),
        ("Ветки бьют в окна {at}", "Branches beat the windows {at}"),
        ("Не косят траву {along}", "The grass is not mown {along}"),
        ("Стихийная парковка у подъездов {at}", ""),
        ("Убрать старые гаражи {near}", "Remove the old garages {near}"),
        ("Контейнеры стоят прямо под окнами {at}", "The bins stand right under the windows {at}"),
        ("Сквер {near} так и не доделали", "The park {near} was never finished"),
        ("Скамейки {near} сломали, новых нет", "The benches {near} were broken and not replaced"),
        ("Заросла тропинка {where}", "The path is overgrown {where}"),
        ("Нужно место для прогулок с колясками {quarter}", "We need a place to walk with prams {quarter}"),
        ("Упал забор сквера {near}", ""),
        ("Высохли саженцы {along}, посадите новые", "The saplings {along} have dried up"),
        ("Спуск к ручью осыпается {where}", "The slope to the brook is crumbling {where}"),
        (
            "Подстригите кусты на повороте {where}, не видно машин",
            "Trim the bushes at the bend {where}: cars cannot be seen",
        ),
        ("Ливнем размыло склон {where}", "Rain has washed out the slope {where}"),
    ),
    "playgrounds_sports_grounds": (
        ("Детям негде играть {at}", "Children have nowhere to play {at}"),
        ("Сломаны качели {at}", "Broken swings {at}"),
        ("Ржавая горка с острыми краями {at}", "A rusty slide with sharp edges {at}"),
        ("Нет спортплощадки {quarter}", "No sports ground {quarter}"),
        ("Просим огородить детскую площадку {at}", "Please fence the playground {at}"),
        ("Мальчишки играют в футбол на проезжей части {where}", "Boys play football on the road {where}"),
        ("Хоккейная коробка {near} развалилась", "The hockey rink {near} has fallen apart"),
        ("В песочницу не завозят песок {at}", "No sand in the sandpit {at}"),
        ("Подросткам нужен турник {where}", "Teenagers need a pull-up bar {where}"),
        ("Площадка {near} не освещена", ""),
        ("Старые деревянные горки {where} пора менять", ""),
        ("Нужна площадка для детей с колясками {near}", "A playground for children in wheelchairs is needed {near}"),
        ("Баскетбольное кольцо без щита {near}", ""),
        ("Площадку {near} заняли машины", "Cars have taken over the playground {near}"),
        ("Ребёнок поранился о старую карусель {where}", "A child was hurt by the old roundabout {where}"),
        ("Далеко до ближайшей площадки {quarter}", "The nearest playground is far {quarter}"),
        ("Поле {near} превратилось в болото", "The field {near} has become a swamp"),
    ),
    "roads_sidewalks": (
        ("Яма на дороге {at}", "A pothole {at}"),
        ("Нет тротуара {along}", "No sidewalk {along}"),
        ("Разбит асфальт {where}", "Broken asphalt {where}"),
        ("Дети идут в школу по обочине {of}", "Children walk to school on the roadside {where}"),
        ("Нужен пешеходный переход {near}", "A crossing is needed {near}"),
        ("Весной {where} не проехать скорой", "In spring the ambulance cannot pass {where}"),
        ("Провалился люк {at}", "A sunken manhole {at}"),
        ("Грязь по колено {where}", "Mud to the knees {where}"),
        ("Нет съезда для колясок {near}", "No kerb ramp for prams {near}"),
        ("Лихачи {where}, поставьте лежачего полицейского", "Speeding {where}: we need a hump"),
        ("Остановка {where} без навеса", "The bus stop {where} has no shelter"),
        ("Не чистят снег {along}", "Snow is not cleared {along}"),
        ("Гололёд на спуске {near}", "Ice on the slope {near}"),
        ("Просим отсыпать {where} щебнем", ""),
        ("После ремонта труб не восстановили асфальт {at}", "Asphalt not restored after pipe works {at}"),
        ("Шатается мостик {near}", "The footbridge {near} is shaky"),
        ("Стёрлась разметка {near}", ""),
        ("Большегрузы объезжают пробку {along}", "Lorries avoid the jam {along}"),
        ("Нет знака «Дети» {near}", "No “Children” sign {near}"),
        ("Узкий тротуар, с коляской не разойтись {where}", "The sidewalk is too narrow for prams {where}"),
        ("Светофор {near} горит зелёным пять секунд", "The light {near} is green for five seconds"),
        ("Открытый колодец на обочине {where}", "An open manhole on the roadside {where}"),
        ("Просел асфальт у остановки {where}", "Asphalt has sunk at the stop {where}"),
        ("Пыль столбом: полейте или заасфальтируйте {where}", "Clouds of dust {where}: water it or pave it"),
        ("Поребрик выше колеса коляски {near}", ""),
    ),
    "housing_utilities": (
        ("Течёт крыша {at}", "The roof leaks {at}"),
        ("Холодные батареи {at}", "Cold radiators {at}"),
        ("Не вывозят мусор {where}", "Rubbish is not collected {where}"),
        ("Подвал {at} затоплен", "The cellar {at} is flooded"),
        ("Нет пандуса в подъезде {at}", "No ramp at the entrance {at}"),
        ("Не работает ливнёвка {where}", "The storm drain is blocked {where}"),
        ("Осыпается балкон, {house}", "The balcony is crumbling, {house}"),
        ("Запах канализации {quarter}", "Smell of sewage {quarter}"),
        ("Лифт стоит вторую неделю, {house}", "The lift has been out of order for two weeks, {house}"),
        ("Просим провести газ {where}", "Please lay gas {where}"),
        ("Подъезд без ремонта с [1998|2004|2009] года, {house}", ""),
        ("Крысы у контейнеров {at}", "Rats by the bins {at}"),
    ),
    "water_supply": (
        ("Слабый напор воды {where}", "Weak water pressure {where}"),
        ("Ржавая вода из крана {at}", "Rusty tap water {at}"),
        ("Колонка {where} замёрзла", "The street pump {where} is frozen"),
        ("Носим воду за полкилометра, {where} нет водопровода", "We carry water half a kilometre: no main {where}"),
        ("Прорыв трубы {at}", "A burst pipe {at}"),
        ("Летом {quarter} нет воды по вечерам", "No water in summer evenings {quarter}"),
        ("Колодец {where} надо чистить", "The well {where} needs cleaning"),
        ("Отключают воду без предупреждения {quarter}", ""),
    ),
    "street_lighting": (
        ("Темно {where}", "It is dark {where}"),
        ("Не горят фонари {along}", "The lamps are out {along}"),
        ("Двор {at} без света", "No light in the yard {at}"),
        ("Страшно идти от остановки вечером {where}", "Walking from the bus stop at night is frightening {where}"),
        ("Один фонарь на всю улицу {where}", "One lamp for the whole street {where}"),
        ("Мигает светильник {near}", ""),
        ("Нет света на переходе {near}", "No light at the crossing {near}"),
        ("Дети возвращаются из школы в темноте {quarter}", "Children come home in the dark {quarter}"),
        ("Провода лежат на ветках {where}", "Wires lie on the branches {where}"),
        ("Фонари горят днём и гаснут ночью {where}", "The lamps burn by day and go out at night {where}"),
        ("Лестница {near} не освещена", "The stairs {near} are not lit"),
        ("Упал столб освещения {where}", "A lamp post has fallen {where}"),
    ),
    "fire_safety": (
        ("Пожарной машине не подъехать {at}", "A fire engine cannot get {at}"),
        ("Нет гидранта {where}", "No hydrant {where}"),
        ("Пожарный водоём {quarter} пересох", "The fire pond {quarter} has dried up"),
        ("Каждую весну горит трава {quarter}", "The grass burns every spring {quarter}"),
        ("Заброшенный дом {at} уже дважды поджигали", "The empty house {at} has been set on fire twice"),
    ),
    "municipal_equipment": (
        ("Нечем чистить снег {quarter}", "Nothing to clear snow with {quarter}"),
        ("Нужна газонокосилка для ТОС {quarter}", ""),
    ),
    "cultural_heritage": (
        ("Разрушается дом купцов {where}", "The merchants' house {where} is falling down"),
        ("Обелиск {where} требует ремонта", "The obelisk {where} needs repair"),
        ("С фасада падает лепнина {at}", "Stucco falls from the façade {at}"),
        ("Спасите деревянные наличники {where}", "Save the carved window frames {where}"),
        ("Нет таблички на памятнике {near}", ""),
    ),
    "culture_leisure": (
        ("Молодёжи некуда пойти {quarter}", "Young people have nowhere to go {quarter}"),
        ("Клуб {quarter} закрыт на ремонт третий год", "The club {quarter} has been closed for three years"),
        ("Нужна библиотека {quarter}", "A library is needed {quarter}"),
        ("Холодно в зале {near}", ""),
        ("Нет места для праздников {quarter}", "No place for celebrations {quarter}"),
        ("Просим вернуть летнюю эстраду {near}", "Bring back the summer stage {near}"),
    ),
    "environment": (
        ("Свалка {where}", "A dump {where}"),
        ("Сливают нечистоты в ручей {near}", "Sewage is let into the brook {near}"),
        ("Жгут мусор {where}", "Rubbish is burnt {where}"),
        ("Пруд {quarter} цветёт и пахнет", "The pond {quarter} smells"),
        ("Пыль и шум {near}", "Dust and noise {near}"),
        ("Бродячие собаки {quarter}", "Stray dogs {quarter}"),
        ("Вырубили деревья {along}", "Trees were felled {along}"),
        ("Борщевик подступил к домам {where}", "Hogweed has reached the houses {where}"),
        ("Негде сдать батарейки {quarter}", ""),
        ("Чёрный дым из трубы {near}", ""),
    ),
    "social_support": (
        ("Одиноким пожилым нужна помощь с дровами {quarter}", "Old people living alone need firewood {quarter}"),
        ("Нет соцработника {quarter}", "No social worker {quarter}"),
        ("Маме с коляской не попасть в поликлинику {near}", "A mother with a pram cannot enter the clinic {near}"),
        ("Нужен пункт выдачи колясок {near}", ""),
        ("Автобус {quarter} ходит раз в два часа", "A bus every two hours {quarter}"),
    ),
    "sport_physical_culture": (
        ("Нет бесплатных секций {quarter}", "No free sports clubs {quarter}"),
        ("Лыжню {quarter} разбивают снегоходы", ""),
        ("Спортзал {near} закрыт по вечерам", "The gym {near} is closed in the evening"),
    ),
    "tourism_healthy_lifestyle": (
        ("Нет спуска к воде {near}", "No way down to the water {near}"),
        ("Нужны велопарковки {near}", "Bicycle racks are needed {near}"),
    ),
    "preventive_medicine": (
        ("К терапевту запись на три недели вперёд {near}", "Three weeks' wait for a doctor {near}"),
        ("Фельдшер приезжает раз в месяц {quarter}", "The paramedic comes once a month {quarter}"),
    ),
    "quality_of_life": (
        ("Нет банкомата и аптеки {quarter}", "No cash machine or pharmacy {quarter}"),
        ("Плохо ловит связь {quarter}", "Poor phone signal {quarter}"),
    ),
    "psychosocial_wellbeing": (
        ("Подростки предоставлены сами себе {quarter}", "Teenagers are left to themselves {quarter}"),
    ),
    "healthy_environment": (
        ("Жарко и душно в классах {near}", "Hot and stuffy classrooms {near}"),
        ("Шум от трассы {where}", "Traffic noise {where}"),
    ),
    "rehabilitation": (
        ("Негде заниматься после инсульта {quarter}", "No place for exercises after a stroke {quarter}"),
    ),
    "digital_health": (("Не работает терминал записи {near}", "The booking terminal {near} does not work"),),
    "other": (
        ("Просим перенести остановку {where}", ""),
        ("Шумно ночью {near}", "Noise at night {near}"),
        ("Нет номера на доме, {house}", ""),
    ),
}

PROJECT_STORIES: tuple[str, ...] = (
    "Проект выбрали жители на собрании; работы принимает комиссия с участием ТОС.",
    "Старое покрытие снимут, установят бордюры, посадят кустарник.",
    "Оборудование российского производства, гарантия три года. Уход берут на себя жители.",
    "Подрядчика определяет аукцион, экономия пойдёт на дополнительные скамейки.",
    "Жители убирают территорию сами, деньги нужны на материалы и технику.",
    "Предусмотрены съезды для колясок и контрастная разметка.",
    "Смету проверила строительная лаборатория при техникуме.",
    "Участок стоит на балансе города, согласования с сетевыми организациями получены.",
    "Работы разделены на две очереди, чтобы не перекрывать проход к школе.",
    "Проект продолжает благоустройство, начатое годом раньше.",
    "Часть работ выполнят на субботниках: разборка старых конструкций, покраска, посадка.",
    "Содержание после сдачи включено в муниципальное задание.",
)
NEED_STORIES: tuple[str, ...] = (
    "Обращались в управляющую компанию, ответа нет.",
    "Особенно плохо весной и осенью.",
    "Рядом детский сад, каждый день ходят дети.",
    "Фото приложили к обращению через портал.",
    "Пенсионеры боятся выходить вечером.",
    "В прошлом году обещали, но денег не хватило.",
    "Готовы помочь: выйти на субботник, собрать подписи.",
    "Проблема не первый год, меняются только отписки.",
    "Просим включить в план на следующий год.",
    "Скорая и такси отказываются подъезжать.",
    "Подписались жители трёх соседних домов.",
    "Землю никто не признаёт своей.",
)
